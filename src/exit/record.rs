//! Explains that SQL would have removed the record of the migrations: what was missing, which statement to change.

use crate::engine::ledger::look::Lost;
use crate::engine::migrations::runner::RecordLost;

use super::migration::block;

/// Below the line that names the migration.
pub(super) fn message(lost: &RecordLost, file: &str) -> String {
    let place = match &lost.by {
        Some(by) => format!("\n{}", block(file, &by.spot)),
        None => format!("\n  {file}"),
    };
    let by = match &lost.by {
        Some(by) if by.is_certain => format!("this {}", by.verb),
        Some(by) => format!("its SQL, probably this {},", by.verb),
        None => "its SQL, or a function or trigger that it calls,".to_owned(),
    };
    format!("{place}\n  {}", what(lost.what, &by, (&lost.ledger, &lost.bookkeeping), &lost.versions))
}

/// What `by` has done to the record.
pub(super) fn what(lost: Lost, by: &str, (ledger, bookkeeping): (&str, &str), versions: &[String]) -> String {
    match lost {
        Lost::Ledger => format!(
            "{by} removes the ledger `{ledger}`: the next deploy would apply every migration again, over existing rows"
        ),
        Lost::Rows => format!(
            "{by} removes {} from the ledger `{ledger}`: the next deploy would apply {} again, over existing rows",
            rows(versions),
            if versions.len() == 1 { "that migration" } else { "those migrations" }
        ),
        Lost::Back => format!("{by} puts the row of this migration back into the ledger `{ledger}`"),
        Lost::Bookkeeping => format!("{by} removes tables of pgkeel's bookkeeping schema `{bookkeeping}`"),
        Lost::Ours => format!("{by} removes or changes rows of pgkeel's bookkeeping schema `{bookkeeping}`"),
        Lost::Unsafe => {
            format!("`{ledger}` and `{bookkeeping}` cannot be read without running code of other roles")
        }
    }
}

fn rows(versions: &[String]) -> String {
    match versions {
        [] => "rows".to_owned(),
        [one] => format!("the row `{one}`"),
        [one, two] => format!("2 rows (`{one}`, `{two}`)"),
        [first, .., last] => format!("{} rows (`{first}` to `{last}`)", versions.len()),
    }
}

/// What to do.
pub(super) fn hint(lost: &RecordLost, file: &str, again: &str) -> String {
    let kept = match lost.what {
        Lost::Ledger | Lost::Rows | Lost::Back => &lost.ledger,
        Lost::Bookkeeping | Lost::Ours | Lost::Unsafe => &lost.bookkeeping,
    };
    match &lost.by {
        Some(by) => format!(
            "change {file}:{} so that it leaves `{kept}` as it was (drop or empty the other objects by name), then `{again}`",
            by.spot.line
        ),
        None => format!("change {file}, or what it calls, so that `{kept}` stays as it was, then `{again}`"),
    }
}
