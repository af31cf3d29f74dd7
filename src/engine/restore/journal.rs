//! How far a restore has come, kept on the server where every run finds it: in the comment of the database that it
//! makes, and later of the one that it put aside. Nothing of it is on the machine that ran it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::engine::login;
use crate::engine::marks::{self, Stopped};
use crate::engine::shadow;
use crate::engine::swap::fresh_name;
use crate::pg::error::{PgError, PgFailure};
use crate::pg::ident::Ident;
use crate::pg::literal::Literal;
use crate::pg::session::Session;

/// What a database beside the live one is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "pgkeel", rename_all = "kebab-case")]
pub enum Role {
    /// A restore fills it.
    Restore(Begun),
    /// A backup is proved in it; it is always dropped.
    Prove(Begun),
    /// It holds the tables that `restore --tables` compares with the live ones.
    Tables(Begun),
    /// It was live once.
    Quarantine(Aside),
}

/// A restore that has begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// The database whose place it is to take.
    pub of: String,
    /// What is restored: a backup's name, or what stands for a foreign file.
    pub backup: String,
    /// How far it has come.
    pub phase: Phase,
    /// Since when.
    pub at: DateTime<Utc>,
    /// On which machine it runs.
    pub host: String,
    /// In which process.
    pub pid: u32,
}

/// How far a restore has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// It is being filled: of no use to another run.
    Loading,
    /// The script ran to its end; of no use to another run either.
    Loaded,
    /// It was compared with its manifest: another run can go on with it.
    Verified,
    /// It differs, and is kept to be looked at until somebody drops it.
    Kept,
}

/// A database that was live.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aside {
    /// Under which name.
    pub of: String,
    /// Until when.
    pub since: DateTime<Utc>,
    /// What took its place: a backup's name, or nothing where an undo did it.
    pub backup: Option<String>,
    /// Its own comment.
    pub comment: Option<String>,
    /// Where an undo did it: the backup that this database was restored from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undone: Option<String>,
    /// Whether a redo did it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub redone: bool,
}

impl Role {
    /// As a database's comment.
    pub fn comment(&self) -> String {
        serde_json::to_string(self).expect("it has no map with odd keys")
    }

    /// Read a database's comment; `None` where it is a person's.
    pub fn parse(comment: &str) -> Option<Self> {
        serde_json::from_str(comment).ok()
    }

    /// The same, so far.
    pub(super) fn at(&self, phase: Phase) -> Self {
        match self.clone() {
            Self::Restore(begun) => Self::Restore(Begun { phase, ..begun }),
            Self::Prove(begun) => Self::Prove(Begun { phase, ..begun }),
            Self::Tables(begun) => Self::Tables(Begun { phase, ..begun }),
            aside @ Self::Quarantine(_) => aside,
        }
    }

    /// How far it has come.
    pub(super) fn phase(&self) -> Option<Phase> {
        match self {
            Self::Restore(begun) | Self::Prove(begun) | Self::Tables(begun) => Some(begun.phase),
            Self::Quarantine(_) => None,
        }
    }

    /// The statement that writes it down.
    pub fn sql(&self, database: &str) -> String {
        format!("COMMENT ON DATABASE {} IS {}", Ident::new(database), Literal(&self.comment()))
    }
}

/// A database that was put aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Quarantined {
    /// Its name now.
    pub name: String,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Its size in bytes; `None` where the role may not ask.
    pub bytes: Option<i64>,
    /// What took its place.
    pub backup: Option<String>,
    /// The comment that it had.
    #[serde(skip)]
    pub comment: Option<String>,
    /// What put it aside.
    #[serde(skip)]
    pub by: By,
}

/// What put a database aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// A restore.
    Restore,
    /// An undo. It was restored from this backup, where that is known.
    Undo {
        /// Its name.
        of: Option<String>,
    },
    /// The undo of an undo.
    Redo,
}

impl Aside {
    fn by(&self) -> By {
        match (&self.backup, self.redone) {
            (None, _) => By::Undo { of: self.undone.clone() },
            (Some(_), true) => By::Redo,
            (Some(_), false) => By::Restore,
        }
    }
}

/// A database that a restore left behind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Leftover {
    /// Its name.
    pub name: String,
    /// How far the restore had come; `None` where a backup was to be proved in it.
    pub phase: Option<Phase>,
    /// What was restored.
    pub backup: String,
    /// Since when.
    pub at: DateTime<Utc>,
    /// Its size in bytes; `None` where the role may not ask.
    pub bytes: Option<i64>,
}

/// A side database that `restore --tables` made, and that nobody has dropped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SideDatabase {
    /// Its name.
    pub name: String,
    /// What was restored.
    pub backup: String,
    /// Since when.
    pub at: DateTime<Utc>,
    /// Its size in bytes; `None` where the role may not ask.
    pub bytes: Option<i64>,
}

/// A throw-away database whose run was killed: no session holds the lock on its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Abandoned {
    /// Its name.
    pub name: String,
    /// Whether migrations were to be tried in it; else a backup was to be verified.
    pub shadow: bool,
    /// Its size in bytes; `None` where the role may not ask.
    pub bytes: Option<i64>,
}

/// What restores have put and left beside a database, and done to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Beside {
    /// The databases that were live under its name, newest first.
    pub quarantined: Vec<Quarantined>,
    /// What restores of it, and proofs of its backups, have left behind, or are working in.
    pub leftovers: Vec<Leftover>,
    /// What `restore --tables` has made.
    pub tables: Vec<SideDatabase>,
    /// Throw-away databases of killed runs, which no comment or none of a restore describes.
    pub abandoned: Vec<Abandoned>,
    /// Logins of restores of it that are running or were killed.
    pub logins: Vec<String>,
    /// Roles that owned shadow databases of killed runs.
    pub owners: Vec<String>,
    /// What a restore that refuses writes in it has set.
    pub stopped: Option<Stopped>,
    /// The time by the server's clock, as all times here.
    pub now: DateTime<Utc>,
}

/// Whose word in the comment of database `d` is believed. Everybody who may create a database may write any comment on it
/// (docs COMMENT): only what belongs to the live one's owner, to a superuser or to ourselves is a restore's.
fn believed(live: &str) -> String {
    format!(
        "(d.datdba IN (SELECT oid FROM pg_roles WHERE rolsuper OR rolname = current_user) \
         OR d.datdba = (SELECT datdba FROM pg_database WHERE datname = {}))",
        Literal(live)
    )
}

/// Look at what is beside this database, from any other or from itself, in one question.
///
/// # Errors
/// What the server says.
pub fn beside(session: &mut Session, live: &str) -> Result<Beside, PgError> {
    // The size of one that we may not enter cannot be asked (docs 9.28.7, `pg_database_size`).
    let rows = session.catalog(&format!(
        "SELECT {}, \
           d.datname, CASE WHEN {} THEN shobj_description(d.oid, 'pg_database') END, \
           CASE WHEN has_database_privilege(d.oid, 'CONNECT') OR pg_has_role('pg_read_all_stats', 'USAGE') \
             THEN pg_database_size(d.oid) END, \
           (extract(epoch FROM clock_timestamp()) * 1000000)::bigint, starts_with(d.datname, {shadows}), \
           EXISTS (SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 \
             AND (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended(concat_ws(chr(1), \
               CASE WHEN starts_with(d.datname, {shadows}) THEN 'pgkeel shadow' ELSE 'pgkeel trial' END, d.datname), 0)), {}, \
           (SELECT string_agg(rolname, ' ' ORDER BY rolname) FROM pg_roles \
              WHERE rolname ~ {logins} AND shobj_description(oid, 'pg_authid') = {login}), \
           (SELECT string_agg(rolname, ' ' ORDER BY rolname) FROM pg_roles \
              WHERE starts_with(rolname::text, {shadows}) AND starts_with(shobj_description(oid, 'pg_authid'), {made}) \
                AND NOT EXISTS (SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 \
                  AND (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended(concat_ws(chr(1), \
                    'pgkeel shadow', rolname), 0))) \
         FROM (SELECT) one LEFT JOIN pg_database d \
           ON (starts_with(shobj_description(d.oid, 'pg_database'), '{{\"pgkeel\":') \
             OR (starts_with(d.datname, {shadows}) OR d.datname ~ '^pgkeel_verify_[0-9a-z]{{6}}_[0-9a-f]+$') \
               AND shobj_description(d.oid, 'pg_database') IS NULL) AND ({} OR starts_with(d.datname, {shadows}) \
             AND pg_get_userbyid(d.datdba) = d.datname) AND d.datname <> {} ORDER BY d.datname",
        marks::setting_sql(live, marks::READ_ONLY),
        // A shadow database may belong to the role that was made for it.
        believed(live),
        marks::setting_sql(live, marks::NAME),
        believed(live),
        // It may have got its name back by an ALTER DATABASE … RENAME alone.
        Literal(live),
        shadows = Literal(&shadow::names(live)),
        logins = Literal(&login::pattern()),
        login = Literal(&login::comment(live)),
        made = Literal(shadow::COMMENTED),
    ))?;
    let stopped = Stopped::of(rows.get(0, 0), rows.get(0, 7)).filter(|stopped| stopped.refuses);
    let mut found = Beside { stopped, now: time(rows.get(0, 4))?, ..Beside::default() };
    for row in 0..rows.rows.len() {
        let Some(name) = rows.get(row, 1) else { continue };
        let (name, bytes) = (name.to_owned(), rows.get(row, 3).and_then(|bytes| bytes.parse().ok()));
        let (shadow, held) = (rows.get(row, 5) == Some("t"), rows.get(row, 6) == Some("t"));
        match rows.get(row, 2).map(Role::parse) {
            Some(Some(role)) => found.add(live, name, role, bytes),
            None if !held => found.abandoned.push(Abandoned { name, shadow, bytes }),
            Some(None) if shadow && !held => found.abandoned.push(Abandoned { name, shadow, bytes }),
            None | Some(None) => {}
        }
    }
    let names =
        |column| rows.get(0, column).unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    (found.logins, found.owners) = (names(8), names(9));
    found.quarantined.sort_by(|one, other| (other.since, &other.name).cmp(&(one.since, &one.name)));
    Ok(found)
}

impl Beside {
    fn add(&mut self, live: &str, name: String, role: Role, bytes: Option<i64>) {
        let (begun, phase) = match role {
            Role::Quarantine(aside) => {
                let by = aside.by();
                let Aside { of, since, backup, comment, .. } = aside;
                if of == live {
                    self.quarantined.push(Quarantined { name, since, bytes, backup, comment, by });
                }
                return;
            }
            Role::Restore(begun) => (begun.clone(), Some(begun.phase)),
            Role::Prove(begun) => (begun, None),
            Role::Tables(begun) => {
                if begun.of == live {
                    let Begun { backup, at, .. } = begun;
                    self.tables.push(SideDatabase { name, backup, at, bytes });
                }
                return;
            }
        };
        if begun.of == live {
            self.leftovers.push(Leftover { name, phase, backup: begun.backup, at: begun.at, bytes });
        }
    }
}

/// The databases that were live under this name, newest first.
///
/// # Errors
/// What the server says.
pub fn quarantined(admin: &mut Session, live: &str) -> Result<Vec<Quarantined>, PgError> {
    Ok(beside(admin, live)?.quarantined)
}

/// What restores of this database, and proofs of its backups, have left behind.
///
/// # Errors
/// What the server says.
pub fn leftovers(admin: &mut Session, live: &str) -> Result<Vec<Leftover>, PgError> {
    Ok(beside(admin, live)?.leftovers)
}

/// The databases whose name is `prefix` and then what `rest` matches, an expression of POSIX, and that have no comment:
/// whoever was making them was killed before he could say what for.
///
/// # Errors
/// What the server says.
pub(super) fn unsaid(admin: &mut Session, prefix: &str, rest: &str) -> Result<Vec<String>, PgError> {
    let rows = admin.catalog(&format!(
        "SELECT datname FROM pg_database WHERE starts_with(datname, {prefix}) AND substr(datname, length({prefix}) + 1) ~ {} \
         AND shobj_description(oid, 'pg_database') IS NULL",
        Literal(rest),
        prefix = Literal(prefix),
    ))?;
    Ok(rows.rows.into_iter().filter_map(|mut row| row.remove(0)).collect())
}

/// What is under the name that a restore would give its database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing.
    Nothing,
    /// A whole restore of the same backup for the same database.
    Verified,
    /// What a run left that did not come to its end.
    Unfinished,
    /// Somebody else's database, or one that is kept to be looked at.
    Foreign,
}

/// Look for the database of an earlier run. One without a comment was just being made: its name is ours alone.
///
/// # Errors
/// What the server says.
pub(super) fn find(admin: &mut Session, name: &str, of: &str, backup: &str) -> Result<Found, PgError> {
    let rows = admin.catalog(&format!(
        "SELECT shobj_description(d.oid, 'pg_database'), {} FROM pg_database d WHERE d.datname = {}",
        believed(of),
        Literal(name)
    ))?;
    if rows.rows.is_empty() {
        return Ok(Found::Nothing);
    }
    if rows.get(0, 1) != Some("t") {
        return Ok(Found::Foreign);
    }
    let Some(comment) = rows.get(0, 0) else { return Ok(Found::Unfinished) };
    Ok(match Role::parse(comment) {
        Some(Role::Restore(begun)) if begun.of == of => match begun.phase {
            Phase::Kept => Found::Foreign,
            Phase::Verified if begun.backup == backup => Found::Verified,
            _ => Found::Unfinished,
        },
        _ => Found::Foreign,
    })
}

/// Whether `restore --tables` has made this database for the live one.
///
/// # Errors
/// What the server says.
pub(super) fn is_of_tables(admin: &mut Session, name: &str, live: &str) -> Result<bool, PgError> {
    let rows = admin.catalog(&format!(
        "SELECT shobj_description(d.oid, 'pg_database') FROM pg_database d WHERE d.datname = {} AND {}",
        Literal(name),
        believed(live)
    ))?;
    let role = rows.get(0, 0).and_then(Role::parse);
    Ok(matches!(role, Some(Role::Tables(begun)) if begun.of == live))
}

/// The name of the database that a restore fills: the same for the same backup, so that another run finds it.
pub fn scratch_name(live: &str, suffix: &str) -> String {
    fresh_name(live, suffix)
}

/// Which database has this name; 0: none.
///
/// # Errors
/// What the server says.
pub fn oid_of(session: &mut Session, name: &str) -> Result<u32, PgError> {
    let rows = session.catalog(&format!("SELECT oid FROM pg_database WHERE datname = {}", Literal(name)))?;
    Ok(rows.get(0, 0).and_then(|oid| oid.parse().ok()).unwrap_or_default())
}

/// The cluster, where the role may know it.
///
/// # Errors
/// What the server says, but for the lack of that right.
pub fn system_identifier(session: &mut Session) -> Result<Option<String>, PgError> {
    match session.catalog("SELECT system_identifier FROM pg_control_system()") {
        Ok(rows) => Ok(rows.get(0, 0).map(str::to_owned)),
        Err(error) if error.failure() == PgFailure::NoPrivilege => Ok(None),
        Err(error) => Err(error),
    }
}

/// The time by the server's clock.
///
/// # Errors
/// What the server says.
pub(crate) fn now(session: &mut Session) -> Result<DateTime<Utc>, PgError> {
    let rows = session.catalog("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")?;
    time(rows.get(0, 0))
}

fn time(micros: Option<&str>) -> Result<DateTime<Utc>, PgError> {
    let missing = || PgError::Unexpected("the server has no clock".into());
    micros
        .and_then(|micros| micros.parse().ok())
        .and_then(DateTime::from_timestamp_micros)
        .ok_or_else(missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_is_read_back_and_a_persons_is_not() {
        let at = DateTime::from_timestamp(0, 0).unwrap();
        let begun = Begun {
            of: "shop \"1\"".into(),
            backup: "20261120T064643Z-manual-none-a1b2c3".into(),
            phase: Phase::Verified,
            at,
            host: "here".into(),
            pid: 7,
        };
        let role = Role::Restore(begun);
        assert_eq!(Role::parse(&role.comment()), Some(role.clone()));
        assert!(role.comment().starts_with(r#"{"pgkeel":"restore","of":"shop \"1\"""#), "{}", role.comment());
        let aside = Aside {
            of: "shop".into(),
            since: at,
            backup: None,
            comment: Some("the shop's".into()),
            undone: None,
            redone: false,
        };
        let aside = Role::Quarantine(aside);
        assert_eq!(Role::parse(&aside.comment()), Some(aside));
        for comment in ["", "the shop's", "{}", r#"{"pgkeel":"other"}"#] {
            assert_eq!(Role::parse(comment), None, "{comment}");
        }
    }
}
