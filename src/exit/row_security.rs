//! What to say where policies would have hidden rows from a statement.

use crate::engine::row_security::{COMMENT, Filtered};
use crate::pg::ident::Ident;

/// Table, policies and role, as a line below the error.
pub(super) fn explained(filtered: &Filtered) -> String {
    let tables: Vec<String> = filtered
        .tables
        .iter()
        .map(|table| match table.policies.as_slice() {
            [] => table.table.clone(),
            policies => format!("{} (policies: {})", table.table, policies.join(", ")),
        })
        .collect();
    let whose = match &filtered.through {
        None if filtered.is_stand_in => "an ordinary owner, as which the migrations run here".to_owned(),
        Some(through) if filtered.is_stand_in => {
            format!("an ordinary owner, with whose rights {through} runs")
        }
        Some(through) => format!("role {}, with whose rights {through} runs", Ident::new(&filtered.role)),
        None => format!("role {}", Ident::new(&filtered.role)),
    };
    format!(
        "\n  row-level security of {} applies to {whose};\n  \
         with row_security = off that is an error, so that no row is left out silently",
        tables.join(", ")
    )
}

/// How it can go on; `opt_out` says how policies may filter.
pub(super) fn hints(filtered: &Filtered, opt_out: String) -> Vec<String> {
    let role = Ident::new(&filtered.role);
    let mut hints = match filtered.is_stand_in {
        true => Vec::new(),
        false => {
            vec![format!("to reach every row: ALTER ROLE {role} BYPASSRLS, or connect as a role that has it")]
        }
    };
    let owned = filtered.tables.iter().filter(|table| table.is_owner).map(|table| table.table.as_str());
    for table in owned {
        let so_that = if hints.is_empty() { "to reach every row" } else { "or, as the owner" };
        hints.push(format!(
            "{so_that}: ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY before the statement, FORCE after it"
        ));
    }
    hints.push(match filtered.is_stand_in {
        true => format!("{opt_out}; a role with BYPASSRLS still reaches every row"),
        false => opt_out,
    });
    hints
}

/// The opt-out of a file.
pub(super) fn in_file(file: &str) -> String {
    format!("or let the policies filter: write `{COMMENT}` into {file}")
}
