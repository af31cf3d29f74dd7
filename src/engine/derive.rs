//! A way back for a migration that has none: the plan from the catalog after it to the one before, proved. It renders and reads;
//! running it is the runner's.

use crate::engine::catalog::Catalog;
use crate::engine::ledger::store::StoredSql;
use crate::engine::ledger::{Ledger, Recorded, RecordedState};
use crate::engine::migrations::body::Body;
use crate::engine::migrations::finding::{Finding, Severity};
use crate::engine::migrations::replaced::Effective;
use crate::engine::migrations::script::Script;
use crate::engine::migrations::{OnDisk, PlanError};
use crate::engine::plan::{Hazard, Plan, PlanError as NoWay, Rename, Wishes, plan};
use crate::engine::proof::{Extent, ProofError, Proving};
use crate::engine::row_security::RowSecurity;
use crate::pg::ident::Ident;
use crate::pg::session::Session;
use crate::pg::statements::{split, tokens};

/// A derived way back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derived {
    /// The migration's version.
    pub version: String,
    /// Its folder's name.
    pub name: String,
    /// The statements.
    pub plan: Plan,
}

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub enum DeriveError {
    /// What ran before is not known.
    #[error("what `{name}` did is not known: its folder is gone, and its up.sql is not stored")]
    Unknown {
        /// The migration.
        name: String,
    },
    /// What is stored must not be run, not even in a shadow database.
    #[error(transparent)]
    Untrusted(PlanError),
    /// There is no plan.
    #[error("there is no way back over `{name}`")]
    NoWay {
        /// The migration.
        name: String,
        /// Why.
        source: NoWay,
    },
    /// It is not proved.
    #[error("the way back over `{name}` is not proved")]
    Unproved {
        /// The migration.
        name: String,
        /// Why.
        source: Box<ProofError>,
    },
    /// The runner could not take it back whole.
    #[error("the way back over `{name}` takes several transactions")]
    Split {
        /// The migration.
        name: String,
    },
    /// The migration made what no catalog of ours holds.
    #[error("`{name}` made what no plan can take back: {what}")]
    Unmodelled {
        /// The migration.
        name: String,
        /// What.
        what: String,
    },
}

/// The migrations that a database has applied, up to a version, to be replayed: from their files where these are as they were
/// applied, else from what is stored.
///
/// # Errors
/// `Unknown`, `Untrusted`.
pub fn applied_through(
    effective: &Effective<'_>,
    ledger: &Ledger,
    stored: &[StoredSql],
    through: &str,
) -> Result<Vec<OnDisk>, DeriveError> {
    let mut all = Vec::new();
    let versions = ledger.applied.iter().map(|row| row.version.as_str());
    let mut versions: Vec<&str> =
        versions.filter(|version| *version <= through && !effective.settled.contains(version)).collect();
    versions.sort_unstable();
    for version in versions {
        if let Some(one) = as_applied(effective, ledger, version) {
            all.push(one.clone());
            continue;
        }
        let ours = recorded(ledger, version);
        let name = ours.map_or_else(|| version.to_owned(), |ours| ours.name.clone());
        let row = stored.iter().find(|row| row.version == version);
        let (Some(ours), Some(sql)) = (ours, row.and_then(|row| row.up_sql.clone())) else {
            return Err(DeriveError::Unknown { name });
        };
        if !ledger.facts.trusted {
            let role = ledger.facts.role.clone();
            return Err(DeriveError::Untrusted(PlanError::Untrusted { name, role }));
        }
        all.push(from_stored(ours, sql));
    }
    Ok(all)
}

/// The applied versions of which no file is as it was applied: their SQL is to be had from the database alone.
pub fn only_stored(effective: &Effective<'_>, ledger: &Ledger) -> Vec<String> {
    let versions = ledger.applied.iter().map(|row| &row.version);
    let is_missing = |version: &&String| {
        !effective.settled.contains(version.as_str()) && as_applied(effective, ledger, version).is_none()
    };
    versions.filter(is_missing).cloned().collect()
}

/// A migration on disk, if it is as it was applied.
fn as_applied<'a>(effective: &Effective<'a>, ledger: &Ledger, version: &str) -> Option<&'a OnDisk> {
    let ours = recorded(ledger, version);
    let same = |one: &&OnDisk| ours.is_none_or(|ours| one.up.checksum_normalised == ours.checksum_normalised);
    // One that stands for old ones is what the database has, whatever their record says.
    let stands =
        |one: &&OnDisk| effective.unmarked.iter().any(|unmarked| std::ptr::eq(unmarked.squashed, *one));
    effective.find(version).filter(|one| stands(one) || same(one))
}

fn recorded<'a>(ledger: &'a Ledger, version: &str) -> Option<&'a Recorded> {
    ledger.find(version).filter(|ours| ours.state == RecordedState::Applied)
}

fn from_stored(ours: &Recorded, sql: String) -> OnDisk {
    let statements = split(&sql).unwrap_or_default();
    let sets_lock_timeout = statements.iter().any(|one| one.facts.sets.as_deref() == Some("lock_timeout"));
    OnDisk {
        version: ours.version.clone(),
        name: ours.name.clone(),
        path: ours.name.clone().into(),
        transactional: ours.transactional,
        up: Script {
            path: format!("{}/up.sql (as stored in the database)", ours.name).into(),
            is_empty: statements.iter().all(|one| one.is_empty()),
            sets_lock_timeout,
            row_security: RowSecurity::of_text(&sql),
            body: Body::Text(sql),
            checksum: ours.checksum.clone(),
            checksum_normalised: ours.checksum_normalised.clone(),
        },
        down: None,
        findings: Vec::<Finding>::new(),
        replaces: None,
    }
}

/// Whether a migration has a down.sql that a rollback can run as it is.
pub fn has_down(on_disk: Option<&OnDisk>, stored: Option<&StoredSql>) -> bool {
    let runs = |sql: &str| split(sql).is_ok_and(|all| all.iter().any(|one| !one.is_empty()));
    match on_disk {
        Some(one) => {
            let broken = |finding: &Finding| {
                finding.severity == Severity::Blocking && finding.file.ends_with("down.sql")
            };
            // A broken one is to be mended: what its author meant is not for us to say.
            one.down.as_ref().is_some_and(|down| !down.is_empty) || one.findings.iter().any(broken)
        }
        None => stored.and_then(|row| row.down_sql.as_deref()).is_some_and(runs),
    }
}

/// The plan from the catalog after a migration to the one before.
///
/// # Errors
/// `NoWay`, `Unmodelled`, `Split`.
pub fn derive(
    migration: &OnDisk,
    before: &Catalog,
    after: &Catalog,
) -> Result<(Derived, Wishes), DeriveError> {
    let name = || migration.name.clone();
    let made: Vec<String> = after
        .unmodelled
        .iter()
        .filter(|one| !before.unmodelled.contains(one))
        .map(|one| format!("{} {}", one.kind, one.name))
        .collect();
    if !made.is_empty() {
        return Err(DeriveError::Unmodelled { name: name(), what: made.join(", ") });
    }
    let renames = renamed_back(migration, before, after);
    let wishes = Wishes { renames, whole: true, ..Wishes::default() };
    let way = plan(after, before, &wishes).map_err(|source| DeriveError::NoWay { name: name(), source })?;
    if way.parts().len() > 1 || way.steps.iter().any(|step| !step.in_transaction) {
        return Err(DeriveError::Split { name: name() });
    }
    Ok((Derived { version: migration.version.clone(), name: name(), plan: way }, wishes))
}

/// What the migration renamed gets its old name back, and keeps its rows: what its own statements say is no guess.
fn renamed_back(migration: &OnDisk, before: &Catalog, after: &Catalog) -> Vec<Rename> {
    let Some(sql) = migration.up.body.text() else { return Vec::new() };
    let statements = split(sql).unwrap_or_default();
    let wishes: Vec<String> =
        statements.iter().filter_map(|one| wish_back(&tokens(&sql[one.body.clone()]))).collect();
    Rename::hinted(&wishes, after, before)
}

/// Of `ALTER TABLE a RENAME b TO c` the wish that takes it back: `column a.c=b`.
fn wish_back(tokens: &[&str]) -> Option<String> {
    let is = |at: usize, word: &str| tokens.get(at).is_some_and(|token| token.eq_ignore_ascii_case(word));
    let rename =
        tokens.iter().position(|token| token.eq_ignore_ascii_case("RENAME")).filter(|_| is(0, "ALTER"))?;
    let to = rename + tokens.iter().skip(rename).position(|token| token.eq_ignore_ascii_case("TO"))?;
    let kind = ["TABLE", "VIEW", "SEQUENCE", "TYPE", "DOMAIN", "SCHEMA"];
    let at = (1..3).find(|at| kind.iter().any(|word| is(*at, word)))?;
    let noun = tokens[1..=at].join(" ").to_ascii_lowercase();
    let mut path = &tokens[at + 1..rename];
    for word in ["IF", "EXISTS", "ONLY"] {
        path = path
            .split_first()
            .filter(|(first, _)| first.eq_ignore_ascii_case(word))
            .map_or(path, |(_, rest)| rest);
    }
    let path = path.strip_suffix(&["*"]).unwrap_or(path);
    let (own, schema) = path.split_last()?;
    let new = tokens.get(to + 1)?;
    if to == rename + 1 {
        return Some(format!("{noun} {}{new}={own}", schema.concat()));
    }
    let part = match () {
        () if is(rename + 1, "VALUE") => "value",
        () if is(rename + 1, "CONSTRAINT") => "constraint",
        () => "column",
    };
    let word = |token: &str| match token.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        Some(label) => Ident::new(label.replace("''", "'")).to_string(),
        None => token.to_owned(),
    };
    Some(format!("{part} {}.{}={}", path.concat(), word(new), word(tokens[to - 1])))
}

impl Derived {
    /// Prove it in an empty database, which is of no use afterwards: down, up again, down again, with rows.
    ///
    /// # Errors
    /// `Unproved`, `Split`.
    pub fn prove(
        &self,
        (before, after): (&Catalog, &Catalog),
        wishes: &Wishes,
        bookkeeping: &str,
        session: &mut Session,
    ) -> Result<(), DeriveError> {
        let extent = Extent::Fitting;
        let proving = Proving {
            old: after,
            new: before,
            up: &self.plan,
            wishes,
            bookkeeping,
            extent,
            guard: None,
            acting: None,
        };
        proving
            .run(session)
            .map(drop)
            .map_err(|source| DeriveError::Unproved { name: self.name.clone(), source: Box::new(source) })
    }

    /// What it loses, in words; in rows where a live database was asked.
    pub fn losses(&self) -> Vec<String> {
        let hazards = self.plan.steps.iter().flat_map(|step| &step.hazards);
        hazards.filter(|hazard| matches!(hazard, Hazard::DataLoss { .. })).map(ToString::to_string).collect()
    }

    /// Its SQL, for a transaction that somebody else begins and ends.
    pub fn sql(&self) -> String {
        let script = self.plan.script();
        match script.strip_prefix("SET check_function_bodies") {
            Some(rest) => format!("SET LOCAL check_function_bodies{rest}"),
            // It changed rows alone, or nothing: there is nothing to take back in the schema.
            None if script.is_empty() => "SELECT 1;\n".to_owned(),
            None => script,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_says_what_it_renames() {
        let check = |sql: &str, expected: Option<&str>| {
            assert_eq!(wish_back(&tokens(sql)).as_deref(), expected, "{sql}");
        };
        check("ALTER TABLE app.users RENAME TO people", Some("table app.people=users"));
        check(
            "ALTER TABLE IF EXISTS users RENAME COLUMN name TO \"Full name\"",
            Some("column users.\"Full name\"=name"),
        );
        check("alter table only users rename name to full_name", Some("column users.full_name=name"));
        check("ALTER MATERIALIZED VIEW a RENAME TO b", Some("materialized view b=a"));
        check("ALTER TYPE mood RENAME VALUE 'it''s' TO 'Blue'", Some("value mood.\"Blue\"=\"it's\""));
        check("ALTER TABLE users ADD name text", None);
        check("ALTER TABLE users RENAME", None);
        check("ALTER TABLE RENAME TO", None);
        check("COMMENT ON TABLE a IS 'x'", None);
    }
}
