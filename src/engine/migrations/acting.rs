//! Runs the user's SQL as an ordinary role where the session's own role bypasses policies: what a policy would hide from
//! an ordinary owner is then an error here, too. It is for meaning, not for protection: a statement that needs more rights
//! is run again with those of the session's own role.

use crate::pg::error::PgFailure;
use crate::pg::ident::Ident;
use crate::pg::literal::Literal;
use crate::pg::session::Fields;
use crate::pg::statements::{Statement, Streamed};

/// The ordinary role, and how to become it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acting {
    /// The role.
    pub role: Ident,
    /// The session's own role.
    pub ourselves: String,
    /// How.
    pub by: By,
    /// The search_path, where the session's own role is named in it by `"$user"`.
    pub path: Option<String>,
    /// Whether some migration grants or revokes, which may be a function that another one calls.
    pub grants: bool,
}

/// How a session becomes another role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// By SET SESSION AUTHORIZATION: the file's RESET ROLE stays with the role.
    SessionAuthorization,
    /// By SET ROLE, where the session is not a superuser.
    Role,
}

/// How far a setting reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum Reach {
    Session,
    Transaction,
}

impl Reach {
    fn set(self) -> &'static str {
        match self {
            Reach::Session => "SET",
            Reach::Transaction => "SET LOCAL",
        }
    }

    fn is_local(self) -> bool {
        self == Reach::Transaction
    }
}

impl Acting {
    /// Become the role, as SQL text that ends in `; `.
    pub(in crate::engine) fn begin(&self, reach: Reach) -> String {
        let path = match &self.path {
            Some(path) => {
                format!("{} search_path = {path}; ", reach.set())
            }
            None => String::new(),
        };
        format!("{}{path}", self.again(reach))
    }

    /// Be ourselves for one statement.
    pub(in crate::engine) fn leave(&self, reach: Reach) -> String {
        match self.by {
            By::SessionAuthorization => format!("{} SESSION AUTHORIZATION DEFAULT; ", reach.set()),
            By::Role => format!("{} ROLE NONE; ", reach.set()),
        }
    }

    /// And the role again; search_path stays as the file has set it.
    pub(in crate::engine) fn again(&self, reach: Reach) -> String {
        match self.by {
            By::SessionAuthorization => {
                format!("{} SESSION AUTHORIZATION {}; ", reach.set(), self.role)
            }
            By::Role => format!("{} ROLE {}; ", reach.set(), self.role),
        }
    }

    /// Before a statement of a transaction that needs our rights. A superuser lends them to the role: what the statement makes
    /// has the same owner and default privileges as all else, and a function that it calls with its owner's rights has enough.
    pub(super) fn elevate(&self) -> String {
        match self.by {
            By::SessionAuthorization => self.altered("SUPERUSER"),
            By::Role => self.leave(Reach::Transaction),
        }
    }

    /// After such a statement.
    pub(super) fn lower(&self) -> String {
        match self.by {
            By::SessionAuthorization => self.altered("NOSUPERUSER"),
            By::Role => self.again(Reach::Transaction),
        }
    }

    fn altered(&self, option: &str) -> String {
        let (leave, again) = (self.leave(Reach::Transaction), self.again(Reach::Transaction));
        format!("{leave}ALTER ROLE {} {option}; {again}", self.role)
    }

    /// What follows a statement of the file that changes what this depends on, as SQL text that ends in `; `: the role holds
    /// again once no role of the file does, `"$user"` still means us, and GRANT can say that rights are lacking.
    pub(in crate::engine) fn after(&self, statement: &Statement, reach: Reach) -> String {
        let set = |name: &str, value: &str, condition: &str| {
            format!(
                "SELECT pg_catalog.set_config('{name}', {value}, {}) WHERE {condition}; ",
                reach.is_local()
            )
        };
        let is = |what: &str, value: &str| {
            format!("{what}::pg_catalog.text OPERATOR(pg_catalog.=) {}::pg_catalog.text", Literal(value))
        };
        let role = Literal(self.role.as_str()).to_string();
        let no_role = is("pg_catalog.current_setting('role')", "none");
        // What code chose holds as little as what the file chose.
        let is_code = ["DO", "CALL", "SELECT", "WITH"].contains(&statement.facts.verb.as_str());
        match statement.facts.sets.as_deref().or(is_code.then_some("role")) {
            Some("role" | "session_authorization") => match self.by {
                By::SessionAuthorization => {
                    let ours = is("session_user", &self.ourselves);
                    set("session_authorization", &role, &format!("{ours} AND {no_role}"))
                }
                By::Role => set("role", &role, &no_role),
            },
            Some("search_path" | "all") => {
                let shown = "pg_catalog.current_setting('search_path')";
                let user = Literal("\"$user\"").to_string();
                let ours = Literal(&Ident::new(&self.ourselves).to_string()).to_string();
                let value = format!("pg_catalog.replace({shown}, {user}, {ours})");
                let names_us =
                    format!("pg_catalog.strpos({shown}, {user}) OPERATOR(pg_catalog.>) 0::pg_catalog.int4");
                set("search_path", &value, &names_us)
            }
            Some("client_min_messages") => {
                let shown = "pg_catalog.current_setting('client_min_messages')";
                let hides: Vec<String> =
                    ["error", "fatal", "panic"].iter().map(|level| is(shown, level)).collect();
                set("client_min_messages", "'warning'", &hides.join(" OR "))
            }
            _ => String::new(),
        }
    }

    /// What `role` is while no SET ROLE of the file holds.
    pub(super) fn plain_role(&self) -> &str {
        match self.by {
            By::SessionAuthorization => "none",
            By::Role => self.role.as_str(),
        }
    }

    /// Whether a notice says that rights were lacking: GRANT and REVOKE only warn (docs appendix A, 01006 and 01007).
    pub(in crate::engine) fn is_lack(notice: &Fields) -> bool {
        matches!(notice.sqlstate.as_str(), "01006" | "01007")
    }

    /// Whether a text grants or revokes.
    pub(in crate::engine) fn may_grant(text: &str) -> bool {
        let is = |word: &str| {
            let bytes = text.as_bytes().windows(word.len());
            bytes.into_iter().any(|window| window.eq_ignore_ascii_case(word.as_bytes()))
        };
        is("GRANT") || is("REVOKE")
    }

    /// Whether an error may be a lack of rights.
    pub(super) fn may_be_lack(failure: PgFailure) -> bool {
        failure == PgFailure::NoPrivilege
    }
}

/// Whether a statement that the session's own role has run is the file's own choice of a role, which then stays.
pub(super) fn chooses_role(streamed: &Streamed) -> bool {
    matches!(streamed.statement.facts.sets.as_deref(), Some("role" | "session_authorization"))
}

/// A statement that the session's own role has run: its words and where it is.
pub(super) fn named(streamed: &Streamed) -> String {
    format!("{} (line {})", streamed.statement.facts.verb, streamed.statement.line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pg::statements::split;

    #[test]
    fn the_role_holds_again_after_what_the_file_sets() {
        let check = |by, sql: &str, expected: &str| {
            let acting =
                Acting { role: Ident::new("x"), ourselves: "Me".into(), by, path: None, grants: false };
            let statement = &split(sql).unwrap()[0];
            let is = acting.after(statement, Reach::Transaction);
            assert!(is.contains(expected) && is.is_empty() == expected.is_empty(), "{sql}: {is}");
        };
        for sql in ["RESET ROLE", "SET LOCAL ROLE a", "SET SESSION AUTHORIZATION DEFAULT"] {
            check(
                By::SessionAuthorization,
                sql,
                "set_config('session_authorization', E'x', true) WHERE session_user",
            );
            check(By::Role, sql, "set_config('role', E'x', true) WHERE pg_catalog.current_setting('role')");
        }
        check(By::Role, "RESET ALL", "E'\"$user\"', E'\"Me\"'), true)");
        check(By::Role, "SET client_min_messages = error", "'warning', true)");
        check(By::Role, "SET lock_timeout = 1", "");
        check(By::Role, "DO 'BEGIN RESET ROLE; END'", "set_config('role', E'x', true)");
        check(By::Role, "UPDATE t SET a = 1", "");
    }
}
