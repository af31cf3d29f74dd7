//! What an archive expects to find on the server it is restored to: roles and extensions.

use std::collections::BTreeSet;

use super::{Archive, Entry};
use crate::pg::statements::{name, tokens};

impl Archive {
    /// The roles that must exist for a restore with owners and privileges: owners, those that privileges are granted to,
    /// taken from or were granted by, and those that policies, default privileges and user mappings name. What is said of
    /// the database itself is left out: pg_restore ignores it without `--create`.
    #[must_use]
    pub fn roles(&self) -> BTreeSet<String> {
        let mut roles = BTreeSet::new();
        for entry in self.entries.iter().filter(|entry| !is_of_the_database(entry)) {
            roles.insert(entry.owner.clone());
            let names: fn(&[&str], &mut BTreeSet<String>) = match entry.desc.as_str() {
                "ACL" | "DEFAULT ACL" => in_privileges,
                "POLICY" => |statement, roles| list_after(statement, &["TO"], roles),
                "USER MAPPING" => |statement, roles| list_after(statement, &["FOR"], roles),
                _ => continue,
            };
            for statement in tokens(&entry.definition).split(|token| *token == ";") {
                names(statement, &mut roles);
            }
        }
        roles.remove("");
        roles
    }

    /// The extensions, in the order of the dump.
    #[must_use]
    pub fn extensions(&self) -> Vec<String> {
        let extensions = self.entries.iter().filter(|entry| entry.desc == "EXTENSION");
        extensions.map(|entry| entry.tag.clone()).collect()
    }
}

fn is_of_the_database(entry: &Entry) -> bool {
    matches!(entry.desc.as_str(), "DATABASE" | "DATABASE PROPERTIES")
        || (entry.desc == "ACL" && entry.tag.starts_with("DATABASE "))
}

/// `GRANT … TO a, b`, `REVOKE … FROM a`, `ALTER DEFAULT PRIVILEGES FOR ROLE a … GRANT … TO b`, and the
/// `SET SESSION AUTHORIZATION a` before what somebody else has granted.
fn in_privileges(statement: &[&str], roles: &mut BTreeSet<String>) {
    list_after(statement, &["TO", "FROM"], roles);
    list_after(statement, &["ROLE"], roles);
    list_after(statement, &["AUTHORIZATION"], roles);
}

/// The names after the first of these key words outside of parentheses. They are reserved or follow reserved words, and
/// pg_dump quotes names that look like them, so that none of them is a name.
fn list_after(statement: &[&str], keywords: &[&str], roles: &mut BTreeSet<String>) {
    let mut depth = 0i64;
    let mut rest = statement.iter();
    let found = rest.by_ref().any(|token| {
        match *token {
            "(" => depth += 1,
            ")" => depth -= 1,
            _ => {}
        }
        depth == 0 && keywords.iter().any(|keyword| token.eq_ignore_ascii_case(keyword))
    });
    if !found {
        return;
    }
    while let Some(token) = rest.next() {
        // Quoted, it is a role's name; bare, it is everybody.
        if !token.eq_ignore_ascii_case("public") {
            roles.extend(name(token));
        }
        if rest.next() != Some(&",") {
            return;
        }
    }
}
