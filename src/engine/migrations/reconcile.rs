//! Folder against ledger: what each migration's state is. Pure: no connection, no file.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::engine::ledger::{Applied, Recorded, RecordedState};
use crate::pg::statements::NORMALISATION;

use super::body::Body;
use super::folder::OnDisk;
use super::replaced::{Unmarked, effective};
use super::script::Script;

/// The state of one migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// In the ledger, and the file is as it was.
    Applied,
    /// Only on disk.
    Pending,
    /// Pending, but older than the newest applied.
    OutOfOrder,
    /// Applied, and its statements differ from those that ran.
    Edited,
    /// Applied, and its folder is gone.
    Missing,
    /// A non-transactional migration that stopped half way.
    Partial,
}

impl State {
    /// The word for people, as in the Words of the project.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Pending => "pending",
            Self::OutOfOrder => "out of order",
            Self::Edited => "edited",
            Self::Missing => "missing",
            Self::Partial => "partial",
        }
    }

    /// Whether the history is in trouble.
    pub fn is_trouble(self) -> bool {
        !matches!(self, Self::Applied | Self::Pending)
    }
}

/// One migration, reconciled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// Its version.
    pub version: String,
    /// Its folder's name, or what the record calls it.
    pub name: String,
    /// Its state.
    pub state: State,
    /// When it was applied, in UTC.
    pub applied_at: Option<String>,
    /// How long it took.
    pub duration_ms: Option<i64>,
    /// What else is worth a word.
    pub note: Option<String>,
}

/// All migrations by version.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// The migrations.
    pub entries: Vec<Entry>,
}

impl Standing {
    /// The entries in a state.
    pub fn in_state(&self, state: State) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.state == state)
    }

    /// How many are in a state.
    pub fn count(&self, state: State) -> usize {
        self.in_state(state).count()
    }

    /// Whether any migration is in trouble.
    pub fn is_trouble(&self) -> bool {
        self.entries.iter().any(|entry| entry.state.is_trouble())
    }
}

impl Entry {
    /// Whether it stands in the ledger.
    pub fn is_applied(&self) -> bool {
        matches!(self.state, State::Applied | State::Edited | State::Missing)
    }

    /// Whether it is partial because a rollback stopped: then, and only then, a partial migration
    /// still stands in the ledger.
    pub fn is_half_undone(&self) -> bool {
        self.state == State::Partial && self.applied_at.is_some()
    }
}

/// Compare. Diesel's ledger says what is applied; our record says from which SQL. Of a squashed migration the database may have
/// the ones that it replaces.
pub fn reconcile(on_disk: &[OnDisk], applied: &[Applied], recorded: &[Recorded]) -> Standing {
    let newest = applied.iter().map(|row| row.version.as_str()).max();
    let records: BTreeMap<_, _> = recorded.iter().map(|row| (row.version.as_str(), row)).collect();
    let rows: BTreeMap<_, _> = applied.iter().map(|row| (row.version.as_str(), row)).collect();
    let record = |version: &str| records.get(version).copied();
    let effective = effective(on_disk, applied, recorded);
    let mut entries: Vec<Entry> = Vec::with_capacity(on_disk.len());
    for migration in &effective.migrations {
        let ours = record(&migration.version);
        let row = rows.get(migration.version.as_str()).copied();
        let unmarked = effective.unmarked.iter().any(|one| std::ptr::eq(one.squashed, *migration));
        let (state, note) = match (row, ours) {
            // The record is that of the last one that it replaces, whose folder is gone.
            (Some(_), _) if unmarked => (State::Applied, None),
            (Some(_), None) => {
                (State::Applied, Some("applied by another tool: its SQL is not recorded".to_owned()))
            }
            (Some(_), Some(ours)) if ours.is_partial(RecordedState::PartialDown) => {
                (State::Partial, Some(stopped("down.sql", ours)))
            }
            (Some(_), Some(ours))
                if matches!(ours.state, RecordedState::Applied | RecordedState::PartialDown) =>
            {
                let (state, note) = compare(migration, ours);
                (state, joined(note, not_stored(migration, ours)))
            }
            // Undone here and applied again by diesel_cli: our record is older than the ledger.
            (Some(_), Some(_)) => {
                (State::Applied, Some("applied again by another tool: its SQL is not recorded".to_owned()))
            }
            (None, Some(ours)) if ours.is_partial(RecordedState::Partial) => {
                (State::Partial, Some(stopped("up.sql", ours)))
            }
            (None, _) if newest.is_some_and(|newest| migration.version.as_str() < newest) => {
                (State::OutOfOrder, newest.map(|newest| format!("older than the applied {newest}")))
            }
            (None, _) => (State::Pending, None),
        };
        entries.push(Entry {
            version: migration.version.clone(),
            name: migration.name.clone(),
            state,
            applied_at: row.map(|row| row.run_on.clone()),
            duration_ms: row.and(ours).and_then(|ours| ours.duration_ms),
            note,
        });
    }
    for one in &effective.unmarked {
        tell_unmarked(&mut entries, one);
    }
    let known: BTreeSet<_> = effective.migrations.iter().map(|m| m.version.as_str()).collect();
    let known: BTreeSet<_> = known.union(&effective.settled).copied().collect();
    for row in applied.iter().filter(|row| !known.contains(row.version.as_str())) {
        let ours = record(&row.version);
        let note = match ours {
            Some(ours) if ours.has_down => "its folder is gone; its down.sql is stored in the database",
            Some(_) => "its folder is gone; no down.sql is stored",
            None => "its folder is gone, and another tool applied it",
        };
        entries.push(Entry {
            version: row.version.clone(),
            name: ours.map_or_else(|| row.version.clone(), |ours| ours.name.clone()),
            state: State::Missing,
            applied_at: Some(row.run_on.clone()),
            duration_ms: ours.and_then(|ours| ours.duration_ms),
            note: Some(note.into()),
        });
    }
    for ours in recorded.iter().filter(|ours| {
        ours.is_partial(RecordedState::Partial)
            && !known.contains(ours.version.as_str())
            && !rows.contains_key(ours.version.as_str())
    }) {
        entries.push(Entry {
            version: ours.version.clone(),
            name: ours.name.clone(),
            state: State::Partial,
            applied_at: None,
            duration_ms: None,
            note: Some(format!("{}, and its folder is gone", stopped("up.sql", ours))),
        });
    }
    entries.sort_by(|a, b| a.version.cmp(&b.version));
    Standing { entries }
}

/// Say at the last of the replaced ones what becomes of them.
fn tell_unmarked(entries: &mut [Entry], one: &Unmarked<'_>) {
    let versions = one.replaces.versions();
    let is_replaced = |entry: &&Entry| versions.contains(&entry.version.as_str());
    let complete = entries.iter().filter(is_replaced).all(Entry::is_applied);
    let note = match complete {
        true => format!(
            "`{}` replaces the {} migrations up to here: the next deploy or migrate records that, and runs nothing of it",
            one.squashed.name,
            one.replaces.items.len()
        ),
        false => format!(
            "`{}` takes the place of the {} migrations up to here once all of them are applied",
            one.squashed.name,
            one.replaces.items.len()
        ),
    };
    if let Some(entry) = entries.iter_mut().find(|entry| entry.version == one.squashed.version) {
        entry.note = joined(entry.note.take(), Some(note));
    }
}

fn stopped(file: &str, ours: &Recorded) -> String {
    match ours.statements_done {
        0 => format!("{file} stopped in statement 1"),
        done => format!("{file} stopped after statement {done}"),
    }
}

fn compare(migration: &OnDisk, ours: &Recorded) -> (State, Option<String>) {
    let same_bytes = ours.checksum == migration.up.checksum;
    let same_tokens = ours.checksum_normalised == migration.up.checksum_normalised;
    match (same_bytes, same_tokens) {
        (true, _) => (State::Applied, None),
        (false, true) => (State::Applied, Some("only white space or comments of up.sql changed".to_owned())),
        (false, false) if ours.normalisation != NORMALISATION => (
            State::Applied,
            Some("up.sql changed, and an older pgkeel recorded it: whether its statements changed is not known".into()),
        ),
        (false, false) => (
            State::Edited,
            Some(format!(
                "up.sql is {} now, {} was applied",
                short(&migration.up.checksum_normalised),
                short(&ours.checksum_normalised)
            )),
        ),
    }
}

/// Of SQL that was too large to be stored the checksum alone is kept.
fn not_stored(migration: &OnDisk, ours: &Recorded) -> Option<String> {
    let large = |down: &Script| matches!(down.body, Body::Large { .. });
    match (ours.has_up, ours.has_down) {
        (_, false) if migration.down.as_ref().is_some_and(large) => {
            Some("its down.sql is larger than 1 MB and not stored: a rollback needs its folder".into())
        }
        (false, _) => Some("its up.sql is larger than 1 MB and not stored".into()),
        _ => None,
    }
}

fn joined(one: Option<String>, other: Option<String>) -> Option<String> {
    match (one, other) {
        (Some(one), Some(other)) => Some(format!("{one}; {other}")),
        (one, other) => one.or(other),
    }
}

fn short(checksum: &str) -> &str {
    checksum.get(..12).unwrap_or(checksum)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(text: &str) -> Script {
        let normalised = text.split_whitespace().collect::<Vec<_>>().join(" ");
        Script {
            path: "up.sql".into(),
            body: Body::Text(text.into()),
            checksum: format!("raw:{text}"),
            checksum_normalised: format!("tokens:{normalised}"),
            is_empty: false,
            sets_lock_timeout: false,
            row_security: Default::default(),
        }
    }

    fn disk(version: &str, text: &str) -> OnDisk {
        OnDisk {
            version: version.into(),
            name: format!("{version}_x"),
            path: version.into(),
            transactional: true,
            up: script(text),
            down: None,
            findings: vec![],
            replaces: None,
        }
    }

    fn ledger(version: &str) -> Applied {
        Applied { version: version.into(), run_on: "2026-01-01 00:00:00".into() }
    }

    fn record(version: &str, text: &str, state: RecordedState) -> Recorded {
        let script = script(text);
        Recorded {
            version: version.into(),
            name: format!("{version}_x"),
            state,
            transactional: true,
            checksum: script.checksum,
            checksum_normalised: script.checksum_normalised,
            normalisation: NORMALISATION,
            statements_done: 2,
            statements_begun: 2,
            statements_hash: None,
            operation_id: Some(1),
            command: Some("deploy".into()),
            duration_ms: Some(5),
            has_up: true,
            has_down: true,
        }
    }

    fn check(on_disk: &[OnDisk], applied: &[Applied], recorded: &[Recorded], expected: &[(&str, State)]) {
        let standing = reconcile(on_disk, applied, recorded);
        let got: Vec<_> = standing.entries.iter().map(|e| (e.version.as_str(), e.state)).collect();
        assert_eq!(got, expected);
    }

    #[test]
    fn what_is_only_on_disk_is_pending() {
        check(&[disk("1", "a"), disk("2", "b")], &[], &[], &[("1", State::Pending), ("2", State::Pending)]);
    }

    #[test]
    fn a_pending_one_below_the_newest_applied_is_out_of_order() {
        check(
            &[disk("1", "a"), disk("2", "b"), disk("3", "c")],
            &[ledger("2")],
            &[],
            &[("1", State::OutOfOrder), ("2", State::Applied), ("3", State::Pending)],
        );
    }

    #[test]
    fn changed_statements_are_edited_and_changed_blanks_are_not() {
        let ours = record("1", "select  1", RecordedState::Applied);
        check(
            &[disk("1", "select 1")],
            &[ledger("1")],
            std::slice::from_ref(&ours),
            &[("1", State::Applied)],
        );
        check(&[disk("1", "select 2")], &[ledger("1")], &[ours], &[("1", State::Edited)]);
    }

    #[test]
    fn what_was_too_large_to_be_stored_is_noted() {
        let large = Script { body: Body::Large { path: "down.sql".into(), bytes: 1 << 21 }, ..script("b") };
        let note = |down: Option<&Script>, has_up, has_down| {
            let on_disk = OnDisk { down: down.cloned(), ..disk("1", "a") };
            let ours = Recorded { has_up, has_down, ..record("1", "a", RecordedState::Applied) };
            let standing = reconcile(&[on_disk], &[ledger("1")], &[ours]);
            standing.entries[0].note.clone().unwrap_or_default()
        };
        assert_eq!(note(Some(&script("b")), true, true), "");
        assert_eq!(note(Some(&script("b")), true, false), "");
        assert_eq!(note(Some(&script("b")), false, true), "its up.sql is larger than 1 MB and not stored");
        for has_up in [true, false] {
            assert!(note(Some(&large), has_up, false).ends_with(": a rollback needs its folder"));
        }
    }

    #[test]
    fn an_applied_one_without_a_folder_is_missing() {
        check(&[], &[ledger("1")], &[record("1", "a", RecordedState::Applied)], &[("1", State::Missing)]);
    }

    #[test]
    fn half_a_migration_is_partial_in_both_directions() {
        check(&[disk("1", "a")], &[], &[record("1", "a", RecordedState::Partial)], &[("1", State::Partial)]);
        check(&[], &[], &[record("1", "a", RecordedState::Partial)], &[("1", State::Partial)]);
        check(
            &[disk("1", "a")],
            &[ledger("1")],
            &[record("1", "a", RecordedState::PartialDown)],
            &[("1", State::Partial)],
        );
    }

    #[test]
    fn one_that_stopped_before_its_first_statement_is_as_it_was_before() {
        let at_zero = |state| Recorded { statements_done: 0, statements_begun: 0, ..record("1", "a", state) };
        let pending = at_zero(RecordedState::Partial);
        check(&[disk("1", "a")], &[], std::slice::from_ref(&pending), &[("1", State::Pending)]);
        check(
            &[disk("1", "b")],
            &[ledger("2")],
            std::slice::from_ref(&pending),
            &[("1", State::OutOfOrder), ("2", State::Missing)],
        );
        check(&[], &[], &[pending], &[]);
        let applied = at_zero(RecordedState::PartialDown);
        check(&[disk("1", "a")], &[ledger("1")], &[applied], &[("1", State::Applied)]);
        let begun = Recorded { statements_begun: 1, ..at_zero(RecordedState::Partial) };
        check(&[disk("1", "a")], &[], &[begun], &[("1", State::Partial)]);
    }

    #[test]
    fn another_tool_may_undo_and_apply_beside_us() {
        check(&[disk("1", "a")], &[], &[record("1", "a", RecordedState::Applied)], &[("1", State::Pending)]);
        check(
            &[disk("1", "b")],
            &[ledger("1")],
            &[record("1", "a", RecordedState::RolledBack)],
            &[("1", State::Applied)],
        );
    }
}
