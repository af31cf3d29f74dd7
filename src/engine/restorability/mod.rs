//! What is known to get in the way of a restore: one table of findings, for a backup when it is taken and for the preflight
//! of a restore. Each has a code, the object, a sentence, and what helps. A finding is a warning where a backup is taken.

mod bodies;
mod reload;
mod role;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::pg::ident::Tidy;

pub(crate) use reload::reload;
pub(crate) use role::{is_superusers, role};

/// The extension that only one database of a server can have (its `cron.database_name`).
pub(crate) const PG_CRON: &str = "pg_cron";

/// One thing that is known to get in the way of a restore.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// Which kind.
    pub code: Code,
    /// The object, quoted as in SQL, with its kind.
    pub object: String,
    /// What is known about it.
    pub sentence: String,
    /// What to run or to give, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

/// The kinds of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// A function without a search_path of its own is evaluated while rows are loaded.
    NeedsSearchPath,
    /// A CHECK reads tables, which a restore may not have filled yet.
    CheckReadsTables,
    /// Rows may break a foreign key.
    UnprovenKey,
    /// Rows are in partitions by a hash that differs in another database.
    UnstableHash,
    /// An extension that the server does not have, or that only a superuser may create.
    Extension,
    /// A tablespace that the server does not have, or in which the role may not create.
    Tablespace,
    /// An event trigger, which only a superuser can create.
    EventTrigger,
    /// Another object that only a superuser can create.
    SuperuserOnly,
    /// Objects of a role of which the role that restores is not a member.
    ForeignOwner,
    /// No client programs of the server's major version, or ones that cannot run the script.
    ClientPrograms,
    /// A kind that a newer pgkeel knows.
    #[serde(other)]
    Unknown,
}

impl Code {
    /// What several of the kind are called.
    pub fn plural(self) -> &'static str {
        match self {
            Self::NeedsSearchPath => "functions without their own search_path",
            Self::CheckReadsTables => "CHECK constraints that read tables",
            Self::UnprovenKey => "foreign keys that rows may break",
            Self::UnstableHash => "tables partitioned by an unstable hash",
            Self::Extension => "extensions",
            Self::Tablespace => "tablespaces",
            Self::EventTrigger => "event triggers",
            Self::SuperuserOnly => "objects that only a superuser can create",
            Self::ForeignOwner => "owners of whom the role is not a member",
            Self::ClientPrograms => "client programs",
            Self::Unknown => "other findings",
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl Finding {
    /// A function that finds `what` by the session's search_path, `place` evaluates.
    fn needs_search_path(function: &str, what: &str, schemas: &[&str], place: &str) -> Self {
        let path: Vec<String> = schemas.iter().map(|schema| Tidy(schema).to_string()).collect();
        Self {
            code: Code::NeedsSearchPath,
            object: format!("FUNCTION {function}"),
            sentence: format!(
                "function {function} finds {what} by the session's search_path, which is empty while {place} is loaded"
            ),
            remedy: Some(format!(
                "ALTER FUNCTION {function} SET search_path = {}, pg_temp;",
                path.join(", ")
            )),
        }
    }

    /// A materialized view with a text that a function runs as SQL.
    fn text_needs_search_path(view: &str, what: &str) -> Self {
        Self {
            code: Code::NeedsSearchPath,
            object: format!("MATERIALIZED VIEW {view}"),
            sentence: format!(
                "materialized view {view} runs a text that finds {what} by the session's search_path, which is empty while it \
                 is filled"
            ),
            remedy: Some(format!("name the schema of {what} in that text")),
        }
    }

    fn check_reads_tables(check: &str, function: &str, table: &str) -> Self {
        Self {
            code: Code::CheckReadsTables,
            object: check.to_owned(),
            sentence: format!(
                "{check} calls {function}, which reads {table}: rows may be loaded before the rows that it looks for"
            ),
            remedy: Some(
                "use a foreign key or a trigger: a CHECK must depend on its own row alone".to_owned(),
            ),
        }
    }

    fn unproven_key(key: &str, why: &str) -> Self {
        Self {
            code: Code::UnprovenKey,
            object: key.to_owned(),
            sentence: format!("{key} {why}: its rows may break it"),
            remedy: Some("`pgkeel backup verify latest --level 2` restores it on trial".to_owned()),
        }
    }

    /// Only a superuser may create it.
    pub(crate) fn event_trigger(name: &str) -> Self {
        Self {
            code: Code::EventTrigger,
            object: format!("EVENT TRIGGER {}", Tidy(name)),
            sentence: format!("only a superuser can create the event trigger `{name}`"),
            remedy: Some("restore as a superuser".to_owned()),
        }
    }

    /// The same of another object, `CAST (a AS b)`.
    pub(crate) fn superuser_only(object: &str) -> Self {
        Self {
            code: Code::SuperuserOnly,
            object: object.to_owned(),
            sentence: format!("only a superuser can create `{object}`"),
            remedy: Some("restore as a superuser".to_owned()),
        }
    }

    /// The server lacks it.
    pub(crate) fn no_tablespace(name: &str) -> Self {
        Self::tablespace(name, format!("the server has no tablespace `{name}`"))
    }

    /// The role may not create in it.
    pub(crate) fn closed_tablespace(name: &str) -> Self {
        Self::tablespace(name, format!("this role may not create in the tablespace `{name}`"))
    }

    fn tablespace(name: &str, sentence: String) -> Self {
        let object = format!("TABLESPACE {}", Tidy(name));
        let remedy = Some(format!("GRANT CREATE ON {object} TO the role that restores"));
        Self { code: Code::Tablespace, object, sentence, remedy }
    }

    /// The server lacks it.
    pub(crate) fn no_extension(name: &str) -> Self {
        Self {
            code: Code::Extension,
            object: format!("EXTENSION {}", Tidy(name)),
            sentence: format!("the server has no extension `{name}`"),
            remedy: Some("install its package on the server".to_owned()),
        }
    }

    /// Only one database of the server can have it.
    pub(crate) fn pinned_extension(name: &str) -> Self {
        Self {
            code: Code::Extension,
            object: format!("EXTENSION {}", Tidy(name)),
            sentence: format!(
                "the extension `{name}` can be in one database of the server alone: no new database can be restored"
            ),
            remedy: Some("restore with `--in-place`".to_owned()),
        }
    }

    /// Only a superuser may create it.
    pub(crate) fn superusers_extension(name: &str) -> Self {
        Self {
            code: Code::Extension,
            object: format!("EXTENSION {}", Tidy(name)),
            sentence: format!("only a superuser may create the extension `{name}`"),
            remedy: None,
        }
    }

    /// `me` is not a member of the owner of objects.
    pub(crate) fn foreign_owner(me: &str, owner: &str, is_superuser: bool) -> Self {
        Self {
            code: Code::ForeignOwner,
            object: format!("ROLE {}", Tidy(owner)),
            sentence: format!(
                "role `{me}` is not a member of `{owner}`, to whom it would have to give what it restores"
            ),
            // Membership in a superuser would make this role one.
            remedy: Some(if is_superuser {
                "give `--no-owner`, or restore as a superuser".to_owned()
            } else {
                format!("GRANT {} TO {}; — or give `--no-owner`", Tidy(owner), Tidy(me))
            }),
        }
    }

    /// pg_dump of this newer major version was used, and its programs restore the backup.
    pub(crate) fn client_programs(server: u32, used: u32) -> Self {
        Self {
            code: Code::ClientPrograms,
            object: format!("pg_restore {used}"),
            sentence: format!(
                "pg_dump {used} was used for a server of PostgreSQL {server}: a restore requires the programs of version {used}"
            ),
            remedy: Some(format!("install PostgreSQL's client programs of version {server}")),
        }
    }

    fn unstable_hash(table: &str, column: &str, kind: &str) -> Self {
        Self {
            code: Code::UnstableHash,
            object: format!("TABLE {table}"),
            sentence: format!(
                "table {table} is partitioned by the hash of {column}, {kind}, which differs in another database: its rows \
                 move to other partitions"
            ),
            remedy: None,
        }
    }
}

/// How many objects a summary names.
const NAMED: usize = 3;

/// One line for each kind, in the order of the table above.
#[must_use]
pub fn summary(findings: &[Finding]) -> Vec<String> {
    let mut kinds: BTreeMap<Code, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        kinds.entry(finding.code).or_default().push(finding);
    }
    let line = |all: &Vec<&Finding>| {
        let more = all.len().saturating_sub(NAMED);
        let some: Vec<String> = all.iter().take(NAMED).map(ToString::to_string).collect();
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        format!("{}{more}", some.join("; "))
    };
    kinds.values().map(line).collect()
}

/// How many there are of each kind: `event triggers (2), extensions (1)`.
#[must_use]
pub fn counted(findings: &[Finding]) -> String {
    let mut kinds: BTreeMap<Code, usize> = BTreeMap::new();
    for finding in findings {
        *kinds.entry(finding.code).or_default() += 1;
    }
    let all: Vec<String> = kinds.iter().map(|(code, count)| format!("{} ({count})", code.plural())).collect();
    all.join(", ")
}
