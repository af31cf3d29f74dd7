//! Which functions an expression calls, read from its text: dependencies do not show what a text given to a function runs,
//! and pg_dump drops some of them to break loops.

use std::collections::BTreeSet;

/// Functions of PostgreSQL, and of extensions, that run a text as SQL, reach the server's files or another server, or
/// change what belongs to the session or the server. Beginnings of their names.
const BEGINNINGS: &[&str] = &[
    "pg_",
    "lo_",
    "loread",
    "lowrite",
    "ts_stat",
    "ts_rewrite",
    "set_config",
    "setval",
    "binary_upgrade_",
    "dblink",
    "crosstab",
    "connectby",
    "xpath_table",
    "postgres_fdw_",
];

/// Whole names: those of pg_cron.
const NAMED: &[&str] = &["schedule", "schedule_in_database"];

/// What their names may contain: `query_to_xml`, `table_to_xmlschema`.
const WITHIN: &str = "_to_xml";

/// Functions whose names begin so, and that only return something.
const HARMLESS: &[&str] = &[
    "pg_backend_pid",
    "pg_char_to_encoding",
    "pg_client_encoding",
    "pg_collation_for",
    "pg_column_size",
    "pg_current_xact_id",
    "pg_encoding_to_char",
    "pg_get_serial_sequence",
    "pg_has_role",
    "pg_input_is_valid",
    "pg_size_bytes",
    "pg_size_pretty",
    "pg_trigger_depth",
    "pg_typeof",
];

/// Whether an expression calls a function that can do more than return a value.
pub(crate) fn runs_more(definition: &str) -> bool {
    calls(definition).any(|call| {
        let name = call.name.to_ascii_lowercase();
        let begins = BEGINNINGS.iter().any(|beginning| name.starts_with(beginning));
        let is_one = begins || NAMED.contains(&name.as_str()) || name.contains(WITHIN);
        is_one && !HARMLESS.contains(&name.as_str())
    })
}

/// The names of routines and operators, without schemas; or of those that expressions call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Names {
    plain: BTreeSet<String>,
    operators: BTreeSet<String>,
    /// Some are not known, because the name cannot be told from the arguments; or some calls are quoted.
    has_odd: bool,
}

impl Names {
    /// Add a routine, `f(integer)`.
    pub(crate) fn routine(&mut self, signature: &str) {
        let (name, rest) = signature.split_once('(').unwrap_or((signature, ""));
        self.has_odd |= rest.contains('(') || name.contains('"');
        self.plain.insert(name.to_owned());
    }

    /// Add an operator, `===`.
    pub(crate) fn operator(&mut self, name: &str) {
        self.operators.insert(name.to_owned());
    }

    /// Add what a definition calls.
    pub(crate) fn add_calls(&mut self, definition: &str) {
        for call in calls(definition) {
            match call.operator() {
                Some(operator) => self.operators.insert(operator.to_owned()),
                None => self.plain.insert(call.name.to_owned()),
            };
            self.has_odd |= call.is_quoted;
        }
    }

    /// Whether two sets have a name in common, or may have one.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        !self.plain.is_disjoint(&other.plain)
            || !self.operators.is_disjoint(&other.operators)
            || self.has_odd && other.has_odd
    }

    /// Whether a definition calls one of them.
    pub(crate) fn called_in(&self, definition: &str) -> bool {
        let is_empty = self.plain.is_empty() && self.operators.is_empty();
        !is_empty
            && calls(definition).any(|call| match call.operator() {
                Some(operator) => self.operators.contains(operator),
                None => self.plain.contains(call.name) || call.is_quoted && self.has_odd,
            })
    }
}

/// A name before an opening parenthesis.
struct Call<'a> {
    name: &'a str,
    is_quoted: bool,
    /// What follows the parenthesis.
    within: &'a str,
}

impl<'a> Call<'a> {
    /// `===` of `OPERATOR(public.===)`.
    fn operator(&self) -> Option<&'a str> {
        let (within, _) = self.within.split_once(')')?;
        self.name.eq_ignore_ascii_case("OPERATOR").then(|| within.rsplit('.').next().unwrap_or_default())
    }
}

/// All that looks like a call, also in strings: read backwards from each parenthesis, so that nothing before can hide one.
fn calls(definition: &str) -> impl Iterator<Item = Call<'_>> {
    let head = definition.trim_start();
    let is_table = ["CREATE TABLE ", "CREATE UNLOGGED TABLE ", "CREATE FOREIGN TABLE "];
    // The list of columns follows the name.
    let skipped = usize::from(is_table.iter().any(|begin| head.starts_with(begin)));
    definition.match_indices('(').skip(skipped).filter_map(|(at, _)| {
        let before = definition[..at].trim_end();
        let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$' || !c.is_ascii();
        let (begin, end, is_quoted) = match before.strip_suffix('"') {
            Some(quoted) => (quoted.rfind('"').map_or(0, |quote| quote + 1), quoted.len(), true),
            None => (before.trim_end_matches(is_part).len(), before.len(), false),
        };
        // `REFERENCES public.name(id)`; in an expression an operator would stand between the two.
        let is_name = |c: char| is_part(c) || c == '"' || c == '.';
        let is_key = before[..begin].trim_end_matches(is_name).trim_end().ends_with("REFERENCES");
        let call = Call { name: &before[begin..end], is_quoted, within: &definition[at + 1..] };
        (!is_key).then_some(call)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_do_more_than_return_a_value_is_found_wherever_it_is_called() {
        let more = |text: &str| assert!(runs_more(text), "{text}");
        more("CHECK ((query_to_xml('SELECT f()'::text, true, false, ''::text) IS NOT NULL))");
        more("CHECK (((a <> '\"'::text) AND (lo_export((1)::oid, '/tmp/x'::text) = 1)))");
        more("CHECK ((pg_catalog.pg_read_file ('x'::text) <> ''::text))");
        more("CHECK ((public.dblink_exec('x'::text) = ''::text))");
        more("CHECK ((\"pg_ls_dir\"('x') IS NULL))");
        let only = |text: &str| assert!(!runs_more(text), "{text}");
        only(
            "CREATE TABLE public.schedule (\n    a numeric(10,2) DEFAULT 0,\n    CONSTRAINT c CHECK ((length(a) > 0))\n);",
        );
        only("CHECK ((pg_column_size(a) < 100))");
        only("ALTER TABLE a ADD CONSTRAINT setvalue PRIMARY KEY (id)");
        only("ALTER TABLE ONLY public.a ADD CONSTRAINT c FOREIGN KEY (b) REFERENCES public.schedule(id)");
    }

    #[test]
    fn names_are_found_in_definitions() {
        let mut names = Names::default();
        names.routine("f(integer)");
        names.routine("Größe(text)");
        names.operator("===");
        let check = |text: &str, is: bool| {
            let mut called = Names::default();
            called.add_calls(text);
            assert_eq!((names.called_in(text), names.meets(&called)), (is, is), "{text}");
        };
        check("CHECK (public.f(a))", true);
        check("CHECK (public.\"Größe\"(a) > 0)", true);
        check("CHECK ((a OPERATOR(public.===) 1))", true);
        check("CHECK ((a OPERATOR(public.==) 1))", false);
        check("CHECK (public.g(f))", false);
        names.routine("f(x(integer)");
        assert!(names.called_in("CHECK (public.\"f(x\"(a))"));
    }
}
