//! Tries to write to every table, as the one who runs the program, in transactions that are rolled back. What a table takes,
//! or refuses with which SQLSTATE, must be the same before and after.

use std::collections::BTreeMap;

use pgkeel::pg::error::PgError;
use pgkeel::pg::session::Session;

use super::state::{OWN, rows, session};

/// Each table with the columns that a copy of a row has. Numbers from sequences are left to the defaults, so that the next
/// one has to be free.
fn tables() -> String {
    let column = "attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = ''";
    let default = "coalesce((SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = c.oid AND adnum = attnum), '')";
    format!(
        "SELECT c.oid::regclass::text, \
           (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute \
            WHERE {column} AND attidentity = '' AND {default} !~ 'nextval'), \
           (SELECT quote_ident(attname) FROM pg_attribute WHERE {column} AND attidentity <> 'a' ORDER BY attnum LIMIT 1) \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND {OWN} ORDER BY 1"
    )
}

/// What became of each attempt.
pub(super) fn writes(reader: &mut Session, url: &str) -> BTreeMap<String, String> {
    let mut writer = session(url);
    writer.query("SET search_path = \"$user\", public; SET row_security = on").unwrap();
    let mut found = BTreeMap::new();
    for row in rows(reader, &tables()) {
        let [table, copied, changed] = row.as_slice() else { unreachable!("three columns") };
        let insert = match copied.as_str() {
            "NULL" => format!("INSERT INTO {table} DEFAULT VALUES"),
            columns => format!("INSERT INTO {table} ({columns}) SELECT {columns} FROM {table} LIMIT 1"),
        };
        found.insert(format!("inserting into {table}"), attempt(&mut writer, &insert));
        if changed != "NULL" {
            let update = format!("UPDATE {table} SET {changed} = {changed}");
            found.insert(format!("updating {table}"), attempt(&mut writer, &update));
        }
    }
    let create = "CREATE TABLE public.roundtrip_probe (id serial); \
                  SELECT relacl FROM pg_class WHERE oid = 'public.roundtrip_probe'::regclass";
    found.insert("a new table".to_owned(), attempt(&mut writer, create));
    found
}

/// What it answers, or its SQLSTATE.
fn attempt(session: &mut Session, sql: &str) -> String {
    let all = format!("BEGIN; {sql}; SET CONSTRAINTS ALL IMMEDIATE");
    let outcome = match session.query(&all) {
        Ok(answers) => {
            let cells = answers.iter().flat_map(|answer| answer.rows.iter().flatten());
            let texts: Vec<&str> = cells.map(|cell| cell.as_deref().unwrap_or("NULL")).collect();
            format!("done {}", texts.join(" ")).trim_end().to_owned()
        }
        Err(PgError::Server(error)) => error.0.sqlstate.clone(),
        Err(error) => error.to_string(),
    };
    session.query("ROLLBACK").unwrap();
    outcome
}
