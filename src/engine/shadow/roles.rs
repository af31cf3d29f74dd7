//! The roles that statements name, as owners, in grants, policies, default privileges and user mappings. On a server of our
//! own those that are missing are made, without login; on one that others use they are named.

use std::collections::BTreeSet;

use crate::pg::error::{PgError, PgFailure};
use crate::pg::ident::Ident;
use crate::pg::literal::Literal;
use crate::pg::session::Session;
use crate::pg::statements::{name, tokens};

/// Words that stand for a role and are none.
const NOBODY: [&str; 6] = ["public", "current_user", "current_role", "session_user", "user", "none"];

/// The roles that a statement names. A name too many does no harm: it is only asked whether there is such a role, and only
/// once the server has missed something.
pub(super) fn named(body: &str) -> BTreeSet<String> {
    let words = tokens(body);
    let mut roles = BTreeSet::new();
    let is = |at: usize, word: &str| words.get(at).is_some_and(|token| token.eq_ignore_ascii_case(word));
    let first = words.first().copied().unwrap_or_default().to_ascii_uppercase();
    let lists = match first.as_str() {
        "GRANT" | "REVOKE" => true,
        "CREATE" | "ALTER" => is(1, "POLICY") || is(1, "DEFAULT"),
        _ => false,
    };
    let mut depth = 0usize;
    for at in 0..words.len() {
        match words[at] {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        let follows = match () {
            () if depth > 0 => None,
            () if is(at, "OWNER") && is(at + 1, "TO") => Some(at + 2),
            () if is(at, "AUTHORIZATION") => Some(at + 1),
            () if first == "CREATE" && is(1, "USER") && is(at, "FOR") => Some(at + 1),
            () if is(at, "GRANTED") && is(at + 1, "BY") => Some(at + 2),
            () if lists && is(at, "FOR") && (is(at + 1, "ROLE") || is(at + 1, "USER")) => Some(at + 2),
            () if lists && (is(at, "TO") || is(at, "FROM")) => Some(at + 1),
            () if first == "SET" && is(at, "ROLE") => Some(at + 1),
            () => None,
        };
        if let Some(from) = follows {
            list(&words[from..], &mut roles);
        }
    }
    roles
}

/// `a, GROUP b, "C"`.
fn list(words: &[&str], roles: &mut BTreeSet<String>) {
    let mut rest = words.iter().copied().peekable();
    loop {
        rest.next_if(|token| token.eq_ignore_ascii_case("GROUP"));
        let Some(token) = rest.next() else { return };
        let bare = token.to_ascii_lowercase();
        if !NOBODY.contains(&bare.as_str()) {
            roles.extend(name(token));
        }
        if rest.next() != Some(",") {
            return;
        }
    }
}

/// Those of the names that are no roles of the server.
///
/// # Errors
/// What the server says.
pub(super) fn missing(session: &mut Session, names: &BTreeSet<String>) -> Result<Vec<String>, PgError> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let list: Vec<String> = names.iter().map(|name| Literal(name).to_string()).collect();
    let rows = session.catalog(&format!(
        "SELECT name FROM unnest(ARRAY[{}]::text[]) name \
         WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) ORDER BY 1",
        list.join(", ")
    ))?;
    Ok(rows.rows.into_iter().filter_map(|mut row| row.remove(0)).collect())
}

/// Make roles that can do nothing and that nobody can be.
///
/// # Errors
/// What the server says, but for somebody else having been faster.
pub(super) fn make(session: &mut Session, names: &[String]) -> Result<(), PgError> {
    for role in names {
        match session.query(&format!("CREATE ROLE {} NOLOGIN", Ident::new(role))) {
            Err(error) if error.failure() != PgFailure::ObjectExists => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_found_where_statements_name_them() {
        let check = |sql: &str, expected: &[&str]| {
            assert_eq!(named(sql).iter().map(String::as_str).collect::<Vec<_>>(), expected, "{sql}");
        };
        check("ALTER TABLE t OWNER TO app", &["app"]);
        check(
            "GRANT SELECT (a, b), UPDATE ON t TO \"App\", GROUP b, PUBLIC WITH GRANT OPTION GRANTED BY c",
            &["App", "b", "c"],
        );
        check("REVOKE ALL ON SCHEMA s FROM x, y CASCADE", &["x", "y"]);
        check("CREATE POLICY p ON t FOR SELECT TO a, CURRENT_USER USING (x = 'to')", &["a"]);
        check(
            "ALTER DEFAULT PRIVILEGES FOR ROLE a, b IN SCHEMA s GRANT SELECT ON TABLES TO c",
            &["a", "b", "c"],
        );
        check("CREATE SCHEMA AUTHORIZATION joe", &["joe"]);
        check("CREATE USER MAPPING IF NOT EXISTS FOR joe SERVER s", &["joe"]);
        check("CREATE USER MAPPING FOR joe SERVER s", &["joe"]);
        check("CREATE TABLE t (a int)", &[]);
        check("ALTER TABLE t RENAME TO u", &[]);
        check("SELECT a FROM b", &[]);
    }
}
