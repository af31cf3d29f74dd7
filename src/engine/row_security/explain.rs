//! Explains why a statement failed where policies would have hidden rows from it: the tables of the statement, of what
//! its functions and views read, and the role that policies apply to. Asks the catalog; never reads a message's words.

use std::collections::{BTreeMap, BTreeSet};

use crate::pg::error::{PgError, PgFailure, ServerError};
use crate::pg::ident::{Ident, Tidy};
use crate::pg::literal::Literal;
use crate::pg::session::{Rows, Session};
use crate::pg::statements::{Statement, Streamed, name, split, tokens};

/// A statement that policies would have hidden rows from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filtered {
    /// The role that the policies apply to.
    pub role: String,
    /// Whether that role was made for the run, and stands for an ordinary owner.
    pub is_stand_in: bool,
    /// The function or view that runs with this role's rights, where it is not the role that runs the SQL.
    pub through: Option<String>,
    /// The tables.
    pub tables: Vec<Protected>,
}

/// A table with row-level security.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Protected {
    /// The table, quoted where needed.
    pub table: String,
    /// Whether the role owns it, so that only FORCE makes policies apply.
    pub is_owner: bool,
    /// Its policies, quoted where needed.
    pub policies: Vec<String>,
}

/// The state in which a statement ran: what was set before it.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// Statements that set role and search_path, as SQL text that ends in `; `.
    pub before: String,
    /// The statement itself; empty at COMMIT.
    pub statement: String,
    /// Tables that statements before it have given row-level security, with their policies.
    made: BTreeMap<Vec<String>, Vec<String>>,
}

impl Standing {
    /// The last statement of a file for which `reached` holds.
    pub fn of(
        before: String,
        statements: impl Iterator<Item = Streamed>,
        reached: impl Fn(&Statement) -> bool,
    ) -> Self {
        let mut standing = Self { before, ..Self::default() };
        let mut last: Option<Streamed> = None;
        for next in statements.filter(|one| !one.statement.is_empty()) {
            if !reached(&next.statement) {
                break;
            }
            if let Some(passed) = last.replace(next) {
                standing.pass(&passed);
            }
        }
        standing.statement = last.map(|last| last.body().to_owned()).unwrap_or_default();
        standing
    }

    /// The statement at an offset of a text, in bytes; without one, what stands at its end.
    pub fn at(text: &str, offset: Option<usize>) -> Self {
        let all = split(text).unwrap_or_default();
        let all =
            all.into_iter().map(|one| Streamed { text: text[one.range.clone()].to_owned(), statement: one });
        Self::of(String::new(), all, |one| offset.is_none_or(|offset| one.body.start <= offset))
    }

    fn pass(&mut self, passed: &Streamed) {
        let sets = passed.statement.facts.sets.as_deref();
        if matches!(sets, Some("role" | "session_authorization" | "search_path" | "all")) {
            self.before.push_str(passed.body());
            // A line comment may end it.
            self.before.push_str("\n; ");
        }
        let words = tokens(passed.body());
        let has = |phrase: &[&str]| {
            words
                .windows(phrase.len())
                .any(|at| at.iter().zip(phrase).all(|(a, b)| a.eq_ignore_ascii_case(b)))
        };
        let table = if has(&["ALTER", "TABLE"]) && has(&["ROW", "LEVEL", "SECURITY"]) {
            passed.statement.facts.table.clone()
        } else {
            None
        };
        if let Some(table) = table {
            if has(&["NO", "FORCE"]) || has(&["DISABLE"]) {
                self.made.remove(&table);
            } else {
                self.made.entry(table).or_default();
            }
        }
    }
}

/// Ask why it failed with 42501, after its transaction was rolled back. Nothing where policies are not the reason.
///
/// # Errors
/// What the server says; the session is in no transaction then.
pub fn explain(
    session: &mut Session,
    error: &ServerError,
    standing: &Standing,
) -> Result<Option<Filtered>, PgError> {
    if error.met_policy() == Some(false) {
        return Ok(None);
    }
    let begin = format!("{}BEGIN READ ONLY; {}", session.prelude(), standing.before);
    let ended = session.query(&begin).and_then(|_| match asked(session, error, &standing.statement)? {
        None => made(session, error, standing),
        found => Ok(found),
    });
    drop(session.query("ROLLBACK"));
    ended
}

/// The same in the transaction in which it failed, rolled back to a savepoint before it: as the role that ran it.
///
/// # Errors
/// What the server says; the transaction is aborted then.
pub fn explain_inside(
    session: &mut Session,
    error: &ServerError,
    statement: &str,
) -> Result<Option<Filtered>, PgError> {
    if error.met_policy() == Some(false) {
        return Ok(None);
    }
    asked(session, error, statement)
}

/// Names are looked up, not texts compared: so many of them at most.
const NAMES: usize = 2_000;

/// The names in a statement: one or two parts, as PostgreSQL reads them.
fn names(text: &str, found: &mut BTreeSet<Vec<String>>) {
    let words = tokens(text);
    let mut at = 0;
    while at < words.len() {
        let Some(first) = name(words[at]) else {
            // The body of a DO block, a string that a function runs.
            if let Some(inner) = quoted(words[at]) {
                names(inner, found);
            }
            at += 1;
            continue;
        };
        let mut parts = vec![first];
        while words.get(at + 1) == Some(&".")
            && let Some(next) = words.get(at + 2).and_then(|word| name(word))
        {
            parts.push(next);
            at += 2;
        }
        at += 1;
        parts.truncate(2);
        if found.len() < NAMES {
            // `table.column`, `schema.table`, or a table alone.
            found.insert(vec![parts[0].clone()]);
            found.insert(parts);
        }
    }
}

/// What is inside of dollar quotes or of a string.
fn quoted(token: &str) -> Option<&str> {
    if let Some(rest) = token.strip_prefix('$') {
        let end = rest.find('$')? + 2;
        return token.get(end..token.len().checked_sub(end)?);
    }
    token.strip_prefix('\'')?.strip_suffix('\'')
}

fn array(items: impl Iterator<Item = String>, kind: &str) -> String {
    let items: Vec<String> = items.map(|item| Literal(&item).to_string()).collect();
    format!("ARRAY[{}]::pg_catalog.{kind}[]", items.join(", "))
}

/// What the error is about: the statement, and the functions that met it, by their names in its context.
fn asked(session: &mut Session, error: &ServerError, statement: &str) -> Result<Option<Filtered>, PgError> {
    let mut all = BTreeSet::new();
    names(statement, &mut all);
    for text in [&error.0.context, &error.0.internal_query].into_iter().flatten() {
        names(text, &mut all);
        // The statement is in quotes there, and a quote in it would end them.
        names(&text.replace(['"', '\''], " "), &mut all);
    }
    let functions = session.query(&functions(&all))?;
    let functions = functions.into_iter().next_back().unwrap_or_default();
    for row in 0..functions.rows.len() {
        names(functions.get(row, 2).unwrap_or_default(), &mut all);
    }
    let answer = session.query(&tables(&all, &functions))?;
    Ok(filtered(&answer.into_iter().next_back().unwrap_or_default(), &functions))
}

/// Functions of these names that a person wrote: name, owner where it runs with the owner's rights, body.
fn functions(all: &BTreeSet<Vec<String>>) -> String {
    let names = array(all.iter().filter_map(|parts| parts.last().cloned()), "text");
    format!(
        "SELECT p.oid::pg_catalog.regprocedure::pg_catalog.text, \
           CASE WHEN p.prosecdef THEN pg_catalog.pg_get_userbyid(p.proowner) END, \
           pg_catalog.concat_ws(' ', p.prosrc, pg_catalog.pg_get_function_sqlbody(p.oid)) \
         FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_language l ON l.oid OPERATOR(pg_catalog.=) p.prolang \
         WHERE p.proname OPERATOR(pg_catalog.=) ANY ({names}) AND p.oid OPERATOR(pg_catalog.>=) 16384 \
           AND l.lanname OPERATOR(pg_catalog.<>) ALL (ARRAY['c', 'internal']) \
         ORDER BY 1 LIMIT 200"
    )
}

/// Tables among these names, or behind views among them, whose policies apply to the role, to the owner of a view, or to
/// the owner of a function that runs with its rights.
fn tables(all: &BTreeSet<Vec<String>>, functions: &Rows) -> String {
    let quoted = |parts: &Vec<String>| {
        parts.iter().map(|part| Ident::new(part).to_string()).collect::<Vec<_>>().join(".")
    };
    let names = array(all.iter().map(quoted), "text");
    let owners = array(functions.rows.iter().filter_map(|row| row.get(1)?.clone()), "text");
    let eq = "OPERATOR(pg_catalog.=)";
    format!(
        "WITH RECURSIVE reach(oid, view, owner) AS ( \
           SELECT pg_catalog.to_regclass(n)::pg_catalog.oid, NULL::pg_catalog.oid, NULL::pg_catalog.oid \
           FROM pg_catalog.unnest({names}) n WHERE pg_catalog.to_regclass(n) IS NOT NULL \
           UNION \
           SELECT d.refobjid, v.oid, v.relowner \
           FROM reach JOIN pg_catalog.pg_class v ON v.oid {eq} reach.oid AND v.relkind {eq} ANY (ARRAY['v', 'm']::pg_catalog.\"char\"[]) \
             JOIN pg_catalog.pg_rewrite r ON r.ev_class {eq} v.oid \
             JOIN pg_catalog.pg_depend d ON d.objid {eq} r.oid \
               AND d.classid {eq} 'pg_catalog.pg_rewrite'::pg_catalog.regclass \
               AND d.refclassid {eq} 'pg_catalog.pg_class'::pg_catalog.regclass \
           WHERE d.refobjid OPERATOR(pg_catalog.<>) v.oid), \
         asked(rank, role, through) AS ( \
           SELECT 1, r.oid, NULL::pg_catalog.oid FROM pg_catalog.pg_roles r WHERE r.rolname {eq} CURRENT_USER \
           UNION SELECT 2, r.oid, NULL FROM pg_catalog.pg_roles r \
             WHERE r.rolname OPERATOR(pg_catalog.<>) CURRENT_USER AND r.rolname::pg_catalog.text {eq} ANY ({owners}) \
           UNION SELECT 3, reach.owner, reach.view FROM reach JOIN pg_catalog.pg_roles r ON r.oid {eq} reach.owner \
             WHERE r.rolname OPERATOR(pg_catalog.<>) CURRENT_USER) \
         SELECT DISTINCT asked.rank, r.rolname, asked.through::pg_catalog.regclass::pg_catalog.text, \
           c.oid::pg_catalog.regclass::pg_catalog.text, pg_catalog.pg_has_role(r.oid, c.relowner, 'USAGE'), \
           (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(p.polname), ', ' ORDER BY p.polname) \
            FROM pg_catalog.pg_policy p WHERE p.polrelid {eq} c.oid) \
         FROM asked JOIN pg_catalog.pg_roles r ON r.oid {eq} asked.role \
           JOIN reach ON asked.through IS NULL OR asked.through {eq} reach.view \
           JOIN pg_catalog.pg_class c ON c.oid {eq} reach.oid AND c.relkind {eq} ANY (ARRAY['r', 'p']::pg_catalog.\"char\"[]) \
         WHERE c.relrowsecurity AND CASE WHEN r.rolname {eq} CURRENT_USER THEN pg_catalog.row_security_active(c.oid) \
           ELSE NOT r.rolsuper AND NOT r.rolbypassrls \
             AND (c.relforcerowsecurity OR NOT pg_catalog.pg_has_role(r.oid, c.relowner, 'USAGE')) END \
         ORDER BY 1, 2, 3, 4"
    )
}

/// Those of the first role that any policy applies to.
fn filtered(rows: &Rows, functions: &Rows) -> Option<Filtered> {
    let cell = |row: usize, column: usize| rows.get(row, column).unwrap_or_default().to_owned();
    let mut found: Option<Filtered> = None;
    for row in 0..rows.rows.len() {
        let (rank, role) = (cell(row, 0), cell(row, 1));
        let through = match rank.as_str() {
            "1" => None,
            "2" => functions
                .rows
                .iter()
                .find(|function| function.get(1).and_then(|owner| owner.as_deref()) == Some(role.as_str()))
                .and_then(|function| Some(format!("function {}", function.first()?.as_deref()?))),
            _ => rows.get(row, 2).map(|view| format!("view {view}")),
        };
        let policies = rows.get(row, 5).map(|all| vec![all.to_owned()]).unwrap_or_default();
        let table = Protected { table: cell(row, 3), is_owner: rows.get(row, 4) == Some("t"), policies };
        match &mut found {
            None => found = Some(Filtered { role, is_stand_in: false, through, tables: vec![table] }),
            Some(one) if one.role == role && one.through == through => one.tables.push(table),
            Some(_) => break,
        }
    }
    found
}

/// What the file itself has given row-level security before, and what went with the transaction.
fn made(
    session: &mut Session,
    error: &ServerError,
    standing: &Standing,
) -> Result<Option<Filtered>, PgError> {
    let mut all = BTreeSet::new();
    names(&standing.statement, &mut all);
    if let Some(context) = &error.0.context {
        names(context, &mut all);
        names(&context.replace(['"', '\''], " "), &mut all);
    }
    let last = |parts: &Vec<String>| parts.last().cloned();
    let names: BTreeSet<String> = all.iter().filter_map(last).collect();
    let tables: Vec<Protected> = standing
        .made
        .keys()
        .filter(|table| last(table).is_some_and(|table| names.contains(&table)))
        .map(|table| Protected {
            table: table.iter().map(|part| Tidy(part).to_string()).collect::<Vec<_>>().join("."),
            is_owner: true,
            policies: Vec::new(),
        })
        .collect();
    if tables.is_empty() || error.failure() != PgFailure::NoPrivilege {
        return Ok(None);
    }
    let rows = session.query(
        "SELECT rolname FROM pg_catalog.pg_roles \
         WHERE rolname OPERATOR(pg_catalog.=) CURRENT_USER AND NOT rolsuper AND NOT rolbypassrls",
    )?;
    let role = rows.last().and_then(|rows| rows.get(0, 0)).map(str::to_owned);
    Ok(role.map(|role| Filtered { role, is_stand_in: false, through: None, tables }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_statement_and_of_what_it_quotes() {
        let check = |sql: &str, wanted: &[&str]| {
            let mut found = BTreeSet::new();
            names(sql, &mut found);
            let found: BTreeSet<String> = found.iter().map(|parts| parts.join("|")).collect();
            for one in wanted {
                assert!(found.contains(*one), "{sql}: {one} in {found:?}");
            }
        };
        check("UPDATE app.\"Doc\" d SET a = d.b", &["app|Doc", "d|b", "d"]);
        check("DO $x$ BEGIN UPDATE doc SET a = 1; END $x$", &["doc"]);
        check("SELECT f('UPDATE doc SET a = 1')", &["f", "doc"]);
        check("SELECT x FROM a.b.c", &["a|b"]);
    }
}
