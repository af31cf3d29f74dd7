//! What belongs to the place goes from the live database to the one that takes it: settings, grants, the environment mark,
//! the audit trail with this restore in it.

use std::collections::BTreeSet;

use crate::engine::ledger::read::{Lock, read};
use crate::engine::ledger::rows::Place;
use crate::engine::ledger::store::{Ended, NewOperation, WayBack};
use crate::engine::ledger::{Bookkeeping, Facts, Ledger};
use crate::engine::marks::READ_ONLY;
use crate::engine::operation::{OpenError, Opening};
use crate::engine::properties::{Properties, apply};
use crate::pg::error::PgError;
use crate::pg::ident::Ident;
use crate::pg::interrupt::Interrupt;
use crate::pg::session::Session;

/// The operation's row, in the live database.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row(i64);

impl Row {
    /// Its number.
    pub(super) fn id(self) -> i64 {
        self.0
    }
}

/// Record in the live database that a restore begins, where it has our tables; none are made in it.
///
/// # Errors
/// See `StoreError`.
pub(super) fn begin(
    opening: &Opening,
    ledger: &Ledger,
    environment: Option<&str>,
) -> Result<Option<Row>, OpenError> {
    if ledger.facts.bookkeeping != Bookkeeping::Present {
        return Ok(None);
    }
    opening.trusts_owners(&ledger.facts)?;
    let store = opening.store(&ledger.facts)?;
    store.upgrade(&ledger.facts)?;
    let schema = ledger_schema(&ledger.facts);
    if ledger.killed().is_some() {
        store.close_killed(schema)?;
    }
    Ok(Some(Row(begin_row(opening, &ledger.facts, environment)?)))
}

fn begin_row(opening: &Opening, facts: &Facts, environment: Option<&str>) -> Result<i64, OpenError> {
    let place = Place {
        bookkeeping: opening.bookkeeping.clone(),
        ledger_schema: Ident::new(ledger_schema(facts)),
        operation: 0,
        command: "restore".to_owned(),
        owners: opening.owners(facts),
    };
    let new = NewOperation { environment, author: &opening.author, backend_pid: facts.backend_pid };
    Ok(place.begin(&mut opening.connect()?, &new)?)
}

/// Record in the live database how it ended, where it stays live.
pub(super) fn end(opening: &Opening, row: Option<Row>, how: Ended, message: &str) {
    if let Some(Row(id)) = row {
        // A lost end reads as a killed run.
        // Also after Ctrl-C.
        let calm = Opening { interrupt: Interrupt::default(), ..opening.clone() };
        let Ok((_, ledger)) = calm.look() else { return };
        drop(opening.store(&ledger.facts).and_then(|store| store.end(id, how, Some(message))));
    }
}

fn ledger_schema(facts: &Facts) -> &str {
    facts.ledger_schema.as_deref().unwrap_or("public")
}

/// From where and to where.
#[derive(Debug)]
pub(super) struct Carry<'a> {
    /// The live database.
    pub(super) live: &'a Opening,
    /// What was read of it under the lock.
    pub(super) ledger: &'a Ledger,
    /// The database that takes its place.
    pub(super) fresh: &'a Opening,
    /// This restore's row.
    pub(super) row: Option<Row>,
    /// What it did, in words.
    pub(super) message: &'a str,
    /// The backup that it brings back; nothing for an undo.
    pub(super) backup: Option<&'a str>,
    /// Whether the backup is one of this place, whose own mark is true where the live database has none.
    pub(super) same_place: bool,
    /// The environment's name, if one is stated.
    pub(super) environment: Option<&'a str>,
}

impl Carry<'_> {
    /// Carry the rows over; also a second time.
    ///
    /// # Errors
    /// See `OpenError`.
    pub(super) fn run(&self) -> Result<(), OpenError> {
        let mut inside = self.fresh.connect()?;
        let (theirs, _) = read(&mut inside, &self.fresh.bookkeeping, Lock::Leave)?;
        drop(inside);
        let has_live = self.ledger.facts.bookkeeping == Bookkeeping::Present;
        if !has_live && theirs.facts.bookkeeping != Bookkeeping::Present {
            return Ok(());
        }
        let store = self.fresh.store(&theirs.facts)?;
        store.upgrade(&theirs.facts)?;
        if has_live {
            let legacy = self.live.store(&self.ledger.facts)?.legacy(self.ledger.mark.clone())?;
            store.replace_with(&legacy, &self.ledger.facts)?;
        } else if !self.same_place {
            store.unmark()?;
        }
        match self.row {
            Some(Row(id)) => {
                store.end(id, Ended::Done, Some(self.message))?;
                store.set_way_back(id, &self.brought_back())?;
            }
            None => {
                let id = note(self.fresh, &theirs.facts, self.environment, self.message)?;
                store.set_way_back(id, &self.brought_back())?;
            }
        }
        Ok(())
    }

    fn brought_back(&self) -> WayBack {
        WayBack { backup: self.backup.map(str::to_owned), lsn: None }
    }
}

/// A finished row of a restore, where none was begun; its number.
///
/// # Errors
/// See `StoreError`.
fn note(
    opening: &Opening,
    facts: &Facts,
    environment: Option<&str>,
    message: &str,
) -> Result<i64, OpenError> {
    let id = begin_row(opening, facts, environment)?;
    opening.store(facts)?.end(id, Ended::Done, Some(message))?;
    Ok(id)
}

/// A copy begins without a mark, and says where it came from. Where there are no tables of ours, none are made.
///
/// # Errors
/// See `OpenError`.
pub(super) fn begin_unmarked(copy: &Opening, message: &str) -> Result<(), OpenError> {
    let mut inside = copy.connect()?;
    let (ledger, _) = read(&mut inside, &copy.bookkeeping, Lock::Leave)?;
    if ledger.facts.bookkeeping != Bookkeeping::Present {
        return Ok(());
    }
    let store = copy.store(&ledger.facts)?;
    store.upgrade(&ledger.facts)?;
    store.unmark()?;
    note(copy, &ledger.facts, None, message)?;
    Ok(())
}

/// Where the live database is gone, nobody but the backup says whose it was. Returns what is worth a word.
pub(super) fn give_owner(admin: &mut Session, properties: &Properties, fresh: &str) -> Option<String> {
    let sql = format!("ALTER DATABASE {} OWNER TO {}", Ident::new(fresh), Ident::new(&properties.owner));
    let refused = admin.query(&sql).err()?;
    Some(format!("it belongs to you, not to `{}` as before: {refused}", properties.owner))
}

/// Give the new database the settings and grants of the place. Returns what is worth a word: what the role could not set.
///
/// # Errors
/// What the server says.
pub(super) fn give(
    admin: &mut Session,
    properties: &Properties,
    fresh: &str,
) -> Result<Vec<String>, PgError> {
    apply(admin, &properties.settings_and_grants(fresh))
}

/// What the reader of a backup of an earlier version should know: it was taken while a restore refused writes.
pub(super) fn left_out(backup: &Properties) -> Option<String> {
    backup.is_stopped().then(|| {
        format!(
            "a restore was refusing writes when this backup was taken; its setting {READ_ONLY} was left out, and the \
             database accepts writes"
        )
    })
}

/// Give the database that takes the place the connection limit of the place. The last thing before the swap: our own jobs
/// and pools count too.
///
/// # Errors
/// What the server says.
pub(super) fn limit(admin: &mut Session, properties: &Properties, fresh: &str) -> Result<(), PgError> {
    let limit = properties.connection_limit;
    let sql = format!("ALTER DATABASE {} CONNECTION LIMIT {limit}", Ident::new(fresh));
    admin.query(&sql).map(drop)
}

/// The same as `give` for a database that has settings and grants already: those of the place alone are left.
///
/// # Errors
/// What the server says.
pub(super) fn give_instead(
    admin: &mut Session,
    properties: &Properties,
    fresh: &str,
) -> Result<Vec<String>, PgError> {
    let had = Properties::read(admin, fresh)?.unwrap_or_default();
    let left_out = apply(admin, &taken_away(&had, fresh))?;
    let given = give(admin, properties, fresh)?;
    Ok(left_out.into_iter().chain(given).collect())
}

/// What leaves the database as a new one is: no settings, and what PUBLIC may by default (docs 5.8).
fn taken_away(had: &Properties, database: &str) -> Vec<String> {
    let database = Ident::new(database);
    let whose: BTreeSet<_> = had.settings.iter().map(|setting| setting.role.as_deref()).collect();
    let reset = whose.into_iter().map(|role| match role {
        None => format!("ALTER DATABASE {database} RESET ALL"),
        Some(role) => format!("ALTER ROLE {} IN DATABASE {database} RESET ALL", Ident::new(role)),
    });
    let grantees: BTreeSet<_> = had.grants.iter().flatten().map(|grant| grant.grantee.as_deref()).collect();
    let revoked = grantees.into_iter().map(|role| {
        let role = role.map_or("PUBLIC".to_owned(), |role| Ident::new(role).to_string());
        format!("REVOKE ALL ON DATABASE {database} FROM {role} CASCADE")
    });
    let public =
        had.grants.iter().map(|_| format!("GRANT CONNECT, TEMPORARY ON DATABASE {database} TO PUBLIC"));
    reset.chain(revoked).chain(public).collect()
}

/// In what the backup's own settings and grants differ from those of the place, which stay.
pub(super) fn differences(place: &Properties, backup: &Properties, live: &str) -> Vec<String> {
    let (ours, theirs) = (place.settings_and_grants(live), backup.settings_and_grants(live));
    let mut notes = Vec::new();
    for sql in theirs.iter().filter(|sql| !ours.contains(sql)) {
        notes.push(format!("not of the place any more, and not brought back: {sql};"));
    }
    notes
}
