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
    words_for_roles(body, Words::All).into_iter().filter_map(name).collect()
}

/// Of these, the roles that a statement acts as, or gives something to: who runs it must be a member of them.
pub(super) fn acted_as(body: &str) -> BTreeSet<String> {
    words_for_roles(body, Words::ActedAs).into_iter().filter_map(name).collect()
}

/// The statement with another role in the place of one that it names; nothing where it does not name that role. In a DO block
/// the same is done for the statements that give something to a role.
pub(super) fn with_role(body: &str, from: &str, to: &Ident) -> Option<String> {
    let first = tokens(body).first().copied().unwrap_or_default();
    if first.eq_ignore_ascii_case("DO") { in_block(body, from, to) } else { in_statement(body, from, to) }
}

/// In the GRANT, REVOKE and ALTER of a DO block.
fn in_block(body: &str, from: &str, to: &Ident) -> Option<String> {
    let gives = ["GRANT", "REVOKE", "ALTER"];
    let mut text = body.to_owned();
    let mut is_changed = false;
    let block = tokens(body).into_iter().find(|word| word.starts_with('$'))?;
    let tag = block.get(..=block.get(1..)?.find('$')? + 1)?;
    let inner = block.strip_prefix(tag)?.strip_suffix(tag)?;
    let mut end = inner.len();
    // From the last to the first: places before stay as they are.
    for piece in inner.split(';').rev() {
        let words = tokens(piece);
        let given = words.iter().find(|word| gives.iter().any(|one| word.eq_ignore_ascii_case(one)));
        let at = given.map_or(piece.len(), |word| word.as_ptr() as usize - piece.as_ptr() as usize);
        if let Some(changed) = in_statement(&piece[at..], from, to) {
            let begin = inner.as_ptr() as usize - body.as_ptr() as usize + end - piece.len() + at;
            text.replace_range(begin..begin + piece.len() - at, &changed);
            is_changed = true;
        }
        end = end.saturating_sub(piece.len() + 1);
    }
    is_changed.then_some(text)
}

fn in_statement(body: &str, from: &str, to: &Ident) -> Option<String> {
    let mut text = body.to_owned();
    let begins = body.as_ptr() as usize;
    let words = words_for_roles(body, Words::All);
    let mut places: Vec<usize> = words
        .iter()
        .filter(|word| name(word).as_deref() == Some(from))
        .map(|word| word.as_ptr() as usize - begins)
        .collect();
    places.sort_unstable();
    places.dedup();
    for at in places.iter().rev() {
        let length = tokens(&body[*at..]).first().map_or(0, |word| word.len());
        text.replace_range(*at..*at + length, &to.to_string());
    }
    if let Some(at) = unnamed_schema(body, from) {
        text.insert_str(at, &format!("{} ", Ident::new(from)));
        return Some(text);
    }
    (!places.is_empty()).then_some(text)
}

/// Where a schema without a name of its own has that of the role, which is the owner: the place for its name, before
/// AUTHORIZATION.
fn unnamed_schema(body: &str, role: &str) -> Option<usize> {
    let words = tokens(body);
    let is = |at: usize, word: &str| words.get(at).is_some_and(|token| token.eq_ignore_ascii_case(word));
    if !(is(0, "CREATE") && is(1, "SCHEMA")) {
        return None;
    }
    let at = if is(2, "IF") { 5 } else { 2 };
    let owner = words.get(at + 1).filter(|_| is(at, "AUTHORIZATION"))?;
    let is_us = ["current_user", "current_role", "session_user"]
        .contains(&owner.to_ascii_lowercase().as_str())
        || name(owner).as_deref() == Some(role);
    is_us.then(|| words[at].as_ptr() as usize - body.as_ptr() as usize)
}

/// Which names of roles are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Words {
    All,
    ActedAs,
}

fn words_for_roles(body: &str, which: Words) -> Vec<&str> {
    let words = tokens(body);
    let mut roles = Vec::new();
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
            () if lists && which == Words::All && (is(at, "TO") || is(at, "FROM")) => Some(at + 1),
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
fn list<'a>(words: &[&'a str], roles: &mut Vec<&'a str>) {
    let mut rest = words.iter().copied().peekable();
    loop {
        rest.next_if(|token| token.eq_ignore_ascii_case("GROUP"));
        let Some(token) = rest.next() else { return };
        let bare = token.to_ascii_lowercase();
        if !NOBODY.contains(&bare.as_str()) {
            roles.push(token);
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

    #[test]
    fn a_role_is_acted_as_by_those_who_own_and_grant_not_by_those_who_are_granted() {
        let check = |sql: &str, expected: &[&str]| {
            assert_eq!(acted_as(sql).iter().map(String::as_str).collect::<Vec<_>>(), expected, "{sql}");
        };
        check("ALTER TABLE t OWNER TO app", &["app"]);
        check("ALTER DEFAULT PRIVILEGES FOR ROLE a GRANT SELECT ON TABLES TO c", &["a"]);
        check("GRANT SELECT ON t TO c", &[]);
        check("SET ROLE app", &["app"]);
    }

    #[test]
    fn a_role_stands_in_for_another_where_roles_are_named() {
        let check = |sql: &str, expected: Option<&str>| {
            assert_eq!(with_role(sql, "me", &Ident::new("x")).as_deref(), expected, "{sql}");
        };
        check("ALTER TABLE me OWNER TO me", Some("ALTER TABLE me OWNER TO \"x\""));
        check("GRANT SELECT ON me TO \"me\", other, ME", Some("GRANT SELECT ON me TO \"x\", other, \"x\""));
        check("SELECT me FROM me", None);
        check("CREATE SCHEMA AUTHORIZATION me", Some("CREATE SCHEMA \"me\" AUTHORIZATION \"x\""));
        check(
            "create schema if not exists authorization Current_User",
            Some("create schema if not exists \"me\" authorization Current_User"),
        );
        check("CREATE SCHEMA AUTHORIZATION you", None);
        check("CREATE SCHEMA s AUTHORIZATION me", Some("CREATE SCHEMA s AUTHORIZATION \"x\""));
        check("ALTER TABLE t OWNER TO you", None);
        check(
            "DO $x$ BEGIN IF true THEN GRANT SELECT ON me TO me; END IF; UPDATE me SET me = me; \
             ALTER TABLE t OWNER TO me; END $x$",
            Some(
                "DO $x$ BEGIN IF true THEN GRANT SELECT ON me TO \"x\"; END IF; UPDATE me SET me = me; \
                 ALTER TABLE t OWNER TO \"x\"; END $x$",
            ),
        );
        check("DO $$ BEGIN NULL; END $$", None);
        check("DO 'BEGIN NULL; END'", None);
    }
}
