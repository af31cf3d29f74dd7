//! Plants that a name without a schema finds: operators and functions whose types fit better than those of PostgreSQL, and
//! tables that are found before ours.

use crate::support::cluster::variable;

use super::cast::{Cast, Powers, Records, Runner, Stage};
use super::commands::ALL;
use super::report::Report;

/// Symbols and operands of operators that `pg_catalog` does not have with exactly these types, the type as which PostgreSQL
/// compares or joins them, and what they return. They do what PostgreSQL's do: a run must not end with the first.
const OPERATORS: &[(&str, [&str; 2], &str, &str)] = &[
    ("= <> < > <= >=", ["varchar", "varchar"], "text", "boolean"),
    ("= <>", ["varchar", "text"], "text", "boolean"),
    ("= <>", ["text", "varchar"], "text", "boolean"),
    ("= <>", ["name", "varchar"], "text", "boolean"),
    ("= <>", ["oid", "regclass"], "oid", "boolean"),
    ("= <>", ["regclass", "oid"], "oid", "boolean"),
    ("= <>", ["regclass", "regclass"], "oid", "boolean"),
    ("= <> < >", ["oid", "integer"], "bigint", "boolean"),
    ("= <> < >", ["oid", "bigint"], "bigint", "boolean"),
    ("= <> @> <@ &&", ["text[]", "text[]"], "text[]", "boolean"),
    ("= <> @> <@ &&", ["name[]", "name[]"], "text[]", "boolean"),
    ("= <> @> <@ &&", ["oid[]", "oid[]"], "oid[]", "boolean"),
    ("= <>", ["\"char\"", "text"], "text", "boolean"),
    ("~~ !~~", ["varchar", "varchar"], "text", "boolean"),
    ("||", ["text", "integer"], "text", "text"),
    ("||", ["text", "bigint"], "text", "text"),
    ("||", ["text", "name"], "text", "text"),
    ("||", ["name", "text"], "text", "text"),
    ("||", ["text", "\"char\""], "text", "text"),
    ("||", ["varchar", "varchar"], "text", "text"),
    ("||", ["text[]", "text[]"], "text[]", "text[]"),
];

/// Calls of functions that `pg_catalog` does not have with exactly these arguments, what they return, and PostgreSQL's call.
const FUNCTIONS: &[(&str, &str, &str)] = &[
    ("hashtextextended(text, integer)", "bigint", "hashtextextended($1, $2::bigint)"),
    ("hashtext(varchar)", "integer", "hashtext($1::text)"),
    ("nextval(text)", "bigint", "nextval($1::regclass)"),
    ("setval(text, bigint, boolean)", "bigint", "setval($1::regclass, $2, $3)"),
    ("currval(text)", "bigint", "currval($1::regclass)"),
    ("concat_ws(text, text, text)", "text", "concat_ws($1, $2, $3)"),
    ("concat_ws(text, text)", "text", "concat_ws($1, $2)"),
    ("concat(text, text)", "text", "concat($1, $2)"),
    ("format(text, text)", "text", "format($1, $2)"),
    ("format(text, name)", "text", "format($1, $2)"),
    ("format(text, name, name)", "text", "format($1, $2, $3)"),
    ("quote_ident(name)", "text", "quote_ident($1::text)"),
    ("lower(name)", "text", "lower($1::text)"),
    ("lower(varchar)", "text", "lower($1::text)"),
    ("length(name)", "integer", "length($1::text)"),
    ("length(varchar)", "integer", "length($1::text)"),
    ("starts_with(name, text)", "boolean", "starts_with($1::text, $2)"),
    ("strpos(name, text)", "integer", "strpos($1::text, $2)"),
    ("btrim(name)", "text", "btrim($1::text)"),
    ("\"left\"(name, integer)", "text", "pg_catalog.\"left\"($1::text, $2)"),
    ("md5(varchar)", "text", "md5($1::text)"),
    ("unnest(text[])", "SETOF text", "QUERY SELECT unnest($1)"),
    ("unnest(name[])", "SETOF name", "QUERY SELECT unnest($1)"),
    ("unnest(oid[])", "SETOF oid", "QUERY SELECT unnest($1)"),
    ("cardinality(text[])", "integer", "cardinality($1)"),
    ("array_length(text[], integer)", "integer", "array_length($1, $2)"),
    ("array_to_string(text[], text)", "text", "array_to_string($1, $2)"),
    ("array_to_string(name[], text)", "text", "array_to_string($1, $2)"),
    ("array_position(text[], text)", "integer", "array_position($1, $2)"),
    ("array_remove(text[], text)", "text[]", "array_remove($1, $2)"),
    ("array_append(text[], text)", "text[]", "array_append($1, $2)"),
    ("json_build_object(text, text)", "json", "json_build_object($1, $2)"),
    ("jsonb_build_object(text, text)", "jsonb", "jsonb_build_object($1, $2)"),
    ("pg_terminate_backend(integer)", "boolean", "pg_terminate_backend($1)"),
    ("pg_size_pretty(integer)", "text", "pg_size_pretty($1::bigint)"),
    ("has_table_privilege(regclass, text)", "boolean", "has_table_privilege($1::oid, $2)"),
    ("pg_try_advisory_lock(integer)", "boolean", "pg_try_advisory_lock($1::bigint)"),
];

/// All of them in one schema, which belongs to the planter.
fn planted(stage: &Stage<'_>, schema: &str) -> String {
    let planter = stage.planter();
    let mut sql = String::new();
    for (n, (symbols, [left, right], base, returns)) in OPERATORS.iter().enumerate() {
        for (m, symbol) in symbols.split(' ').enumerate() {
            let plant = format!("{symbol} ({left}, {right}) in {schema}");
            let function = format!("{schema}.operator_{n}_{m}");
            let does = format!("$1::{base} {symbol} $2::{base}");
            sql += &planter.function(&plant, &format!("{function}({left}, {right})"), returns, &does);
            sql += &format!(
                "CREATE OPERATOR {schema}.{symbol} (FUNCTION = {function}, LEFTARG = {left}, RIGHTARG = {right});\n"
            );
        }
    }
    for (call, returns, does) in FUNCTIONS {
        let plant = format!("{call} in {schema}");
        sql += &planter.function(&plant, &format!("{schema}.{call}"), returns, does);
    }
    sql
}

/// Views with the names of our tables, which report themselves.
fn shadowing(stage: &Stage<'_>, schema: &str) -> String {
    let planter = stage.planter();
    let mut sql =
        planter.function(&format!("table in {schema}"), &format!("{schema}.seen(text)"), "boolean", "true");
    for name in ["operation", "migration", "environment", "seed", "expected"] {
        sql += &format!("CREATE VIEW {schema}.{name} AS SELECT {schema}.seen('{name}');\n");
    }
    sql
}

fn meets(stage: &mut Stage<'_>, report: &mut Report, plant: &str) {
    for command in &ALL {
        let cell = stage.run(command);
        report.note(plant, command.name, &cell);
    }
}

/// Plants in `public`, and in a schema that has the name of the role that runs the commands.
fn all_commands(runner: Runner, title: &str) {
    let cast = Cast::new(Powers::MayCreate, runner, Records::Runner);
    let mut report = Report::new(title);
    let own = match runner {
        Runner::Superuser => "dev",
        Runner::Owner => &cast.deployer.name,
    };
    for schema in ["public", own] {
        if schema != "public" && variable("PGKEEL_LONG").is_none() {
            continue;
        }
        let mut stage = cast.stage();
        if schema != "public" {
            stage.plant(&format!("CREATE SCHEMA {schema}; GRANT ALL ON SCHEMA {schema} TO PUBLIC"));
        }
        stage.plant(&planted(&stage, schema));
        stage.plant(&shadowing(&stage, schema));
        let place = if schema == "public" { "in public" } else { "in the role's schema" };
        meets(&mut stage, &mut report, place);
    }
    report.judge();
}

#[test]
fn nothing_in_the_search_path_runs_as_superuser() {
    all_commands(Runner::Superuser, "names in the search_path, as superuser");
}

#[test]
fn nothing_in_the_search_path_runs_as_the_database_s_owner() {
    all_commands(Runner::Owner, "names in the search_path, as the database's owner");
}

/// A bookkeeping schema that was made beforehand, with nothing but functions and operators, and the planter's own.
#[test]
fn nothing_in_a_bookkeeping_schema_made_beforehand_runs() {
    let mut report = Report::new("names in a bookkeeping schema made beforehand");
    for (runner, powers, row) in [
        (Runner::Superuser, Powers::MayCreate, "as superuser"),
        (Runner::Owner, Powers::MayCreate, "as the database's owner"),
        (Runner::Superuser, Powers::OwnsDatabase, "of the database's owner, as superuser"),
    ] {
        let cast = Cast::new(powers, runner, Records::None);
        let mut stage = cast.stage();
        stage.plant("CREATE SCHEMA pgkeel; GRANT ALL ON SCHEMA pgkeel TO PUBLIC");
        stage.plant(&planted(&stage, "pgkeel"));
        // Without the first migration there is no table to execute anything on.
        for command in ALL.iter().filter(|command| !command.arguments.starts_with("execute")) {
            let cell = stage.run(command);
            report.note(row, command.name, &cell);
        }
    }
    report.judge();
}
