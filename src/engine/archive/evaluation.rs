//! Which code of roles a plain script evaluates as it runs, statement by statement. It knows no dependencies, so that a
//! call counts, of whichever owner the caller is.

use std::collections::BTreeSet;

use super::calls::{Names, runs_more};
use crate::pg::statements::{name, tokens};

/// What was seen so far.
#[derive(Debug, Default)]
pub(super) struct Evaluation {
    /// Routines and operators that it creates.
    created: Names,
    /// What its expressions call.
    called: Names,
    /// It makes types or casts that call functions by themselves.
    has_typed: bool,
    /// Routines and operators that it gives to a role.
    given: BTreeSet<(String, String)>,
    /// Roles that own tables, where an expression runs a text.
    owners: BTreeSet<String>,
    runs_more: bool,
}

impl Evaluation {
    /// Look at a CREATE or an ALTER.
    pub(super) fn statement(&mut self, body: &str) {
        let head = tokens(body.get(..200).unwrap_or(body));
        let word = |at: usize| head.get(at).map(|word| word.to_ascii_uppercase()).unwrap_or_default();
        let is_created = word(0) == "CREATE";
        match word(1).as_str() {
            "FUNCTION" | "PROCEDURE" | "AGGREGATE" if is_created => {
                let signature = body.find('(').map_or(body, |end| &body[..end]).trim_end();
                let last = tokens(signature).last().and_then(|last| name(last));
                self.created.routine(&last.unwrap_or_default());
            }
            "OPERATOR" if is_created => {
                let signature = body.find('(').map_or(body, |end| &body[..end]).trim_end();
                let symbol = signature.rsplit(['.', ' ']).next().unwrap_or_default();
                self.created.operator(symbol);
            }
            "CAST" if is_created => self.has_typed |= !body.contains("WITHOUT FUNCTION"),
            "TYPE" if is_created => {
                let text = body.to_ascii_lowercase();
                self.has_typed |=
                    ["canonical", "subtype_diff", "input ="].iter().any(|word| text.contains(word));
            }
            "FUNCTION" | "PROCEDURE" | "ROUTINE" | "AGGREGATE" | "OPERATOR" => self.given.extend(given(body)),
            // What only keeps an expression.
            "CONSTRAINT" if is_created => {}
            "VIEW" | "TRIGGER" | "RULE" | "POLICY" | "SCHEMA" | "EXTENSION" | "SERVER" | "ROLE" => {}
            _ => {
                self.called.add_calls(body);
                self.runs_more |= runs_more(body);
                self.owners.extend(given(body).map(|(_, owner)| owner));
            }
        }
    }

    /// The code, with its owners.
    pub(super) fn code(&self) -> BTreeSet<(String, String)> {
        let mut code = BTreeSet::new();
        if self.has_typed || self.created.meets(&self.called) {
            code.extend(self.given.iter().cloned());
        }
        if self.runs_more {
            code.extend(
                self.owners.iter().map(|owner| ("an expression that runs a text".to_owned(), owner.clone())),
            );
        }
        code
    }
}

/// The object and its new owner of `ALTER FUNCTION … OWNER TO role`.
fn given(statement: &str) -> Option<(String, String)> {
    let tokens = tokens(statement);
    let [.., owner, to, role] = tokens.as_slice() else { return None };
    if !(owner.eq_ignore_ascii_case("OWNER") && to.eq_ignore_ascii_case("TO")) {
        return None;
    }
    let what = statement.get("ALTER ".len()..)?;
    let end = what.to_ascii_uppercase().rfind(" OWNER ")?;
    Some((what.get(..end)?.to_owned(), name(role)?))
}
