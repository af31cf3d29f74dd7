//! Finds, before anything is changed, what of a table of the backup would be lost on the way into the live one.

use super::shape::{Live, Wanted};
use crate::engine::restore::error::Obstacle;
use crate::pg::error::PgError;
use crate::pg::ident::Ident;
use crate::pg::literal::Literal;
use crate::pg::session::Session;

/// Columns that are gone, or whose type no longer holds every value.
pub(super) fn misfits(wanted: &Wanted, live: &Live) -> Vec<Obstacle> {
    let path = wanted.tidy();
    let named = |names: Vec<String>| names.join(", ");
    let mut all = Vec::new();
    if !live.lost.is_empty() {
        let (one, it) = match live.lost.len() {
            1 => ("column", "its values"),
            _ => ("columns", "their values"),
        };
        let lost = live.lost.iter().map(|(name, _)| format!("`{name}`")).collect();
        let add = live.lost.iter().map(|(name, kind)| format!(" ADD COLUMN {} {kind}", Ident::new(name)));
        all.push(Obstacle::new(
            format!("the live table {path} has no {one} {} of the backup: {it} would be lost", named(lost)),
            format!(
                "add what was dropped, or rename it back: ALTER TABLE {path}{};",
                add.collect::<Vec<_>>().join(",")
            ),
        ));
    }
    for (name, there, here) in live.changed.iter().filter(|(_, there, here)| !holds(here, there)) {
        all.push(Obstacle::new(
            format!(
                "column `{name}` of {path} is {here} now, and {there} in the backup: values could change"
            ),
            // Never a type that cuts the live values.
            if holds(there, here) {
                format!(
                    "give it a type that holds both: ALTER TABLE {path} ALTER COLUMN {} TYPE {there};",
                    Ident::new(name)
                )
            } else {
                "restore into a separate database by `--into NAME`, and bring its values over from there"
                    .to_owned()
            },
        ));
    }
    all
}

/// Whether every value of the type `there` is one of the type `here`, as text.
fn holds(here: &str, there: &str) -> bool {
    let number =
        |name: &str| ["smallint", "integer", "bigint", "numeric"].iter().position(|one| *one == name);
    if ["text", "character varying", "citext"].contains(&here) {
        return true;
    }
    if let (Some(here), Some(there)) = (number(here), number(there)) {
        return here >= there;
    }
    let sized = |kind: &str, name: &str| -> Option<Vec<i64>> {
        let inside = kind.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')')?;
        inside.split(',').map(|part| part.trim().parse().ok()).collect()
    };
    match (sized(here, "numeric"), sized(there, "numeric")) {
        (None, Some(_)) if here == "numeric" => return true,
        (Some(here), Some(there)) => {
            let of = |all: &[i64]| (all[0], all.get(1).copied().unwrap_or_default());
            let ((precision, scale), (theirs, their_scale)) = (of(&here), of(&there));
            return scale >= their_scale && precision - scale >= theirs - their_scale;
        }
        _ => {}
    }
    match (sized(here, "character varying"), sized(there, "character varying")) {
        (Some(here), Some(there)) => here >= there,
        _ => {
            let wider = [("double precision", "real"), ("timestamp without time zone", "date")];
            wider.contains(&(here, there))
        }
    }
}

/// Other objects with the table's name, and partitions that are separate tables now.
pub(super) fn in_the_way(
    here: &mut Session,
    there: &mut Session,
    wanted: &Wanted,
    live: Option<&Live>,
) -> Result<Vec<Obstacle>, PgError> {
    let path = wanted.tidy();
    if live.is_none() {
        let found = here.catalog(&format!(
            "SELECT CASE relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table' \
               WHEN 'S' THEN 'sequence' WHEN 'c' THEN 'type' ELSE 'index' END \
             FROM pg_class WHERE oid = to_regclass({})",
            Literal(&path)
        ))?;
        let one = |kind: &str| {
            Obstacle::new(
                format!("{path} of the live database is a {kind}, and a table in the backup"),
                format!("rename it, then run this again: ALTER {} {path} RENAME TO …;", kind.to_uppercase()),
            )
        };
        return Ok(found.get(0, 0).map(one).into_iter().collect());
    }
    if !wanted.is_root {
        return Ok(Vec::new());
    }
    let parts = there.catalog(&format!(
        "SELECT format('%I.%I', n.nspname, c.relname), format('%I.%I', pn.nspname, p.relname), \
           pg_get_expr(c.relpartbound, c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
           JOIN pg_inherits ON inhrelid = c.oid JOIN pg_class p ON p.oid = inhparent \
           JOIN pg_namespace pn ON pn.oid = p.relnamespace WHERE c.oid IN ({}) AND c.oid <> {}::oid",
        wanted.family.join(", "),
        wanted.oid
    ))?;
    let mut all = Vec::new();
    for row in 0..parts.rows.len() {
        let text = |column| parts.get(row, column).unwrap_or_default();
        let found = here.catalog(&format!(
            "SELECT relkind IN ('r', 'p') AND NOT relispartition FROM pg_class WHERE oid = to_regclass({})",
            Literal(text(0))
        ))?;
        if found.get(0, 0) == Some("t") {
            all.push(Obstacle::new(
                format!(
                    "{} is a partition of {} in the backup, and a table of its own now",
                    text(0),
                    text(1)
                ),
                format!("attach it first: ALTER TABLE {} ATTACH PARTITION {} {};", text(1), text(0), text(2)),
            ));
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_holds_another_where_no_value_changes() {
        let check =
            |here: &str, there: &str, is: bool| assert_eq!(holds(here, there), is, "{there} -> {here}");
        check("bigint", "integer", true);
        check("integer", "bigint", false);
        check("numeric", "bigint", true);
        check("integer", "numeric", false);
        check("numeric", "numeric(10,2)", true);
        check("numeric(12,2)", "numeric(10,2)", true);
        check("numeric(12,1)", "numeric(10,2)", false);
        check("numeric(10,4)", "numeric(10,2)", false);
        check("text", "uuid", true);
        check("character varying(20)", "character varying(10)", true);
        check("character varying(5)", "character varying(10)", false);
        check("date", "timestamp without time zone", false);
        check("double precision", "real", true);
    }
}
