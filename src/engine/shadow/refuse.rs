//! What may run in a shadow database. A shadow is often on the server of other databases: what acts on the cluster, or beyond
//! it, must not run for the sake of a comparison. Pure: a statement in, a judgement out.
//!
//! What a DO block, a function or a foreign table does when it runs cannot be seen here.

use crate::pg::statements::{Control, Statement, name, tokens};

/// Whose server the shadow is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server {
    /// The project's own dev cluster: a role that is missing is made, and nobody minds.
    Private,
    /// One that others use.
    Shared,
}

/// What to do with a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Judgement {
    /// Run it.
    Run,
    /// It opens or ends the transaction that a file is in anyway.
    Bracket,
    /// It changes nothing that a schema holds.
    LeaveOut,
    /// CREATE ROLE, USER or GROUP, of this name.
    CreatesRole(String),
    /// It acts on roles.
    Roles,
    /// It must not run.
    Refuse(Why),
}

/// Why a statement must not run in a shadow database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It acts on the whole server, or on another database of it.
    Cluster,
    /// It acts on roles, which belong to all databases of the server.
    Roles,
    /// It reads or writes files of the server, or runs programs there.
    Files,
    /// It connects to another server.
    Connects,
    /// It loads a library into the session.
    Library,
    /// It carries rows, or wants them.
    Data,
    /// It is a command of psql.
    MetaCommand,
    /// It would end or outlive the transaction that the file is loaded in.
    Transaction,
}

impl std::fmt::Display for Why {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Cluster => {
                "acts on the whole server or on another database, and a shadow database is one of several"
            }
            Self::Roles => "acts on roles, which all databases of this server share",
            Self::Files => "touches files or programs of the server",
            Self::Connects => "connects to another server",
            Self::Library => "loads a library into the server",
            Self::Data => "wants rows from psql, which a schema does not have",
            Self::MetaCommand => "is a command of psql, not SQL",
            Self::Transaction => "would end or outlive the transaction that the file is loaded in",
        })
    }
}

/// Commands that act beyond the database.
const CLUSTER: &[&str] = &[
    "CREATE DATABASE",
    "ALTER DATABASE",
    "DROP DATABASE",
    "CREATE TABLESPACE",
    "ALTER TABLESPACE",
    "DROP TABLESPACE",
    "ALTER SYSTEM",
    // Also what the roles own or may do elsewhere (docs DROP OWNED, REASSIGN OWNED).
    "DROP OWNED",
    "REASSIGN OWNED",
];

/// Commands that change roles.
const ROLES: &[&str] = &["ALTER ROLE", "ALTER USER", "ALTER GROUP", "DROP ROLE", "DROP USER", "DROP GROUP"];

/// Maintenance, and what is asked of the session: nothing of it is in a catalog.
const IDLE: &[&str] =
    &["VACUUM", "VACUUM FULL", "ANALYZE", "ANALYSE", "CHECKPOINT", "DISCARD", "DISCARD ALL", "WAIT"];

/// Objects that all databases share: what is granted on them or said of them is no part of a schema.
const SHARED: &[&str] = &["DATABASE", "TABLESPACE", "ROLE", "PARAMETER"];

/// Judge a statement by its text and facts.
pub(super) fn judge(statement: &Statement, body: &str) -> Judgement {
    if let Some(command) = &statement.meta_command {
        let command = command.trim_start_matches('\\');
        return match command {
            // pg_dump writes them around its scripts (psql docs, `\restrict`).
            "restrict" | "unrestrict" if statement.is_empty() || body.starts_with('\\') => {
                Judgement::LeaveOut
            }
            _ => Judgement::Refuse(Why::MetaCommand),
        };
    }
    let verb = statement.facts.verb.as_str();
    match statement.facts.control {
        Some(Control::Begin) => return Judgement::Bracket,
        Some(Control::Commit) if verb != "PREPARE TRANSACTION" && verb != "COMMIT PREPARED" => {
            return Judgement::Bracket;
        }
        Some(Control::Commit | Control::Rollback | Control::Savepoint) => {
            return Judgement::Refuse(Why::Transaction);
        }
        None => {}
    }
    if CLUSTER.contains(&verb) {
        return Judgement::Refuse(Why::Cluster);
    }
    if IDLE.contains(&verb) || verb.starts_with("REINDEX") {
        return Judgement::LeaveOut;
    }
    if ROLES.contains(&verb) {
        return Judgement::Roles;
    }
    let words = tokens(body);
    let is = |at: usize, word: &str| words.get(at).is_some_and(|token| token.eq_ignore_ascii_case(word));
    let is_shared = |at: usize| SHARED.iter().any(|word| is(at, word));
    match verb {
        "CREATE ROLE" | "CREATE USER" | "CREATE GROUP" => match words.get(2).and_then(|token| name(token)) {
            Some(role) => Judgement::CreatesRole(role),
            None => Judgement::Roles,
        },
        "LOAD" => Judgement::Refuse(Why::Library),
        // It orders a table by an index, which the catalog then says of the index; without one it only moves rows.
        "REPACK" | "REPACK CONCURRENTLY" if !repacks_by_index(&words) => Judgement::LeaveOut,
        "COPY" => copies(statement, &words),
        "COMMENT" if is_shared(2) => Judgement::LeaveOut,
        "SECURITY LABEL"
            if words
                .iter()
                .position(|token| token.eq_ignore_ascii_case("ON"))
                .is_some_and(|at| is_shared(at + 1)) =>
        {
            Judgement::LeaveOut
        }
        "GRANT" | "REVOKE" => match outside(&words, "ON") {
            Some(at) if is_shared(at + 1) => Judgement::LeaveOut,
            Some(_) => Judgement::Run,
            None => Judgement::Roles,
        },
        "CREATE SUBSCRIPTION" if !has_option(&words, "connect", "false") => Judgement::Refuse(Why::Connects),
        "ALTER SUBSCRIPTION"
            if is(3, "ENABLE") || words.iter().any(|token| token.eq_ignore_ascii_case("REFRESH")) =>
        {
            Judgement::Refuse(Why::Connects)
        }
        _ => Judgement::Run,
    }
}

/// `REPACK … t USING INDEX i`.
fn repacks_by_index(words: &[&str]) -> bool {
    let using = outside(words, "USING");
    using.is_some_and(|at| words.len() > at + 2 && !words[at - 1].eq_ignore_ascii_case("REPACK"))
}

/// COPY with a file, a program, or the rows that follow it in a script.
fn copies(statement: &Statement, words: &[&str]) -> Judgement {
    if statement.copy_from_stdin() {
        return Judgement::Refuse(Why::Data);
    }
    let at = outside(words, "FROM").or_else(|| outside(words, "TO"));
    let target = at.and_then(|at| words.get(at + 1)).copied().unwrap_or_default();
    match target {
        target if target.eq_ignore_ascii_case("STDOUT") => Judgement::LeaveOut,
        _ => Judgement::Refuse(Why::Files),
    }
}

/// Where this key word stands outside of parentheses.
fn outside(words: &[&str], keyword: &str) -> Option<usize> {
    let mut depth = 0usize;
    words.iter().position(|token| {
        match *token {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && token.eq_ignore_ascii_case(keyword)
    })
}

/// Whether `name = value` is among the options.
fn has_option(words: &[&str], name: &str, value: &str) -> bool {
    let no = |token: &str| {
        let token = token.trim_matches('\'');
        token.eq_ignore_ascii_case(value)
            || ["off", "no", "0"].iter().any(|no| token.eq_ignore_ascii_case(no))
    };
    words.windows(3).any(|three| three[0].eq_ignore_ascii_case(name) && three[1] == "=" && no(three[2]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pg::statements::split;

    #[track_caller]
    fn check(sql: &str, expected: Judgement) {
        let statement = split(sql).unwrap().remove(0);
        let body = &sql[statement.body.clone()];
        assert_eq!(judge(&statement, body), expected, "{sql}");
    }

    #[test]
    fn what_acts_beyond_the_database_is_refused() {
        for sql in [
            "create database x",
            "alter database x set a = 1",
            "DROP TABLESPACE x",
            "alter system set a = 1",
            "drop owned by x",
        ] {
            check(sql, Judgement::Refuse(Why::Cluster));
        }
        for sql in [
            "copy t to '/x'",
            "copy t (a, b) from program 'x'",
            "copy (select 1 from t) to '/x'",
            "COPY t FROM '/x'",
        ] {
            check(sql, Judgement::Refuse(Why::Files));
        }
        check("copy t from stdin;\n1\n\\.\n", Judgement::Refuse(Why::Data));
        check("load 'x'", Judgement::Refuse(Why::Library));
        check("\\connect shop\n", Judgement::Refuse(Why::MetaCommand));
        check("rollback", Judgement::Refuse(Why::Transaction));
        check("prepare transaction 'x'", Judgement::Refuse(Why::Transaction));
        check("create subscription s connection 'x' publication p", Judgement::Refuse(Why::Connects));
        check(
            "create subscription s connection 'x' publication p with (connect = false, slot_name = none)",
            Judgement::Run,
        );
        check("alter subscription s enable", Judgement::Refuse(Why::Connects));
    }

    #[test]
    fn what_no_schema_holds_is_left_out() {
        for sql in [
            "grant connect on database shop to app",
            "comment on database shop is 'x'",
            "security label for p on role r is 'x'",
            "vacuum analyze",
            "repack",
            "repack (verbose) t",
            "repack (concurrently) t (a)",
            "wait for lsn '0/1'",
            "reindex database shop",
            "copy t to stdout",
            "\\restrict AbC\n",
            "discard all",
        ] {
            check(sql, Judgement::LeaveOut);
        }
        check("repack t using index i", Judgement::Run);
        check("begin", Judgement::Bracket);
        check("start transaction", Judgement::Bracket);
        check("commit", Judgement::Bracket);
        check("end", Judgement::Bracket);
    }

    #[test]
    fn roles_are_told_from_grants_on_objects() {
        check("create role app login", Judgement::CreatesRole("app".into()));
        check("create user \"App\"", Judgement::CreatesRole("App".into()));
        check("create user mapping for app server s", Judgement::Run);
        check("alter role app set search_path = x", Judgement::Roles);
        check("grant admins to app", Judgement::Roles);
        check("revoke admins from app", Judgement::Roles);
        check("grant select (a) on t to app", Judgement::Run);
        check("grant all on all tables in schema s to app", Judgement::Run);
        check("create table t (a int)", Judgement::Run);
        check("alter default privileges grant select on tables to app", Judgement::Run);
    }
}
