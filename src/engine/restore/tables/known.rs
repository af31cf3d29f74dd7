//! Looks for tables in a backup before anything is restored.

use crate::engine::restore::RestoreError;
use crate::engine::restore::source::Source;
use crate::pg::statements::{name, tokens};

/// Look for each of these tables, as `tables` will, where the backup says what it has without being restored.
///
/// # Errors
/// `NoTable`, `Source`.
pub fn known(source: &Source, wanted: &[String]) -> Result<(), RestoreError> {
    if source.is_rows_alone() {
        return Ok(());
    }
    let Some(archive) = source.archive()? else { return Ok(()) };
    let tables: Vec<(&str, &str)> = archive
        .entries
        .iter()
        .filter(|entry| entry.desc == "TABLE")
        .map(|entry| (entry.namespace.as_deref().unwrap_or_default(), entry.tag.as_str()))
        .collect();
    match wanted.iter().find(|text| !tables.iter().any(|(schema, table)| is_named(text, schema, table))) {
        Some(text) => Err(RestoreError::NoTable(text.clone())),
        None => Ok(()),
    }
}

/// `schema.table` or `table`, as it is or as an SQL name.
fn is_named(text: &str, schema: &str, table: &str) -> bool {
    let parsed: Vec<String> =
        tokens(text).into_iter().filter(|token| *token != ".").filter_map(name).collect();
    let as_sql = match parsed.as_slice() {
        [one] => one == table,
        [of, one] => of == schema && one == table,
        _ => false,
    };
    as_sql || text == table || text == format!("{schema}.{table}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_named_as_it_is_or_as_sql_writes_it() {
        let check = |text: &str, is: bool| assert_eq!(is_named(text, "Odd s", "T.x"), is, "{text}");
        check("T.x", true);
        check("Odd s.T.x", true);
        check("\"T.x\"", true);
        check("\"Odd s\".\"T.x\"", true);
        check("t.x", false);
        check("\"odd s\".\"T.x\"", false);
        check("", false);
    }
}
