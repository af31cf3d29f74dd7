//! Finds the statement of a script that may have removed the record, by what its text names. Pure, but for a large script's
//! file.

use crate::engine::ledger::LEDGER_TABLE;
use crate::engine::ledger::look::Lost;
use crate::engine::ledger::rows::Place;
use crate::pg::statements::{self, Streamed};

use super::body::Body;
use super::outcome::Blamed;
use super::stepwise::spot;

/// The statement that most likely did it: of those that name the most, the first.
pub(crate) fn blame(body: &Body, place: &Place, lost: Lost) -> Option<Blamed> {
    let suspects = body.statements().ok()?.map_while(Result::ok).filter(|one| !one.statement.is_empty());
    let ranked = suspects.filter_map(|one| rank(&one, place, lost).map(|rank| (rank, one)));
    let (rank, streamed) = ranked.min_by_key(|(rank, _)| *rank)?;
    let verb = streamed.statement.facts.verb.clone();
    Some(Blamed { spot: spot(&streamed, None, 0), verb, is_certain: rank <= Rank::Owned })
}

/// How much a statement's text says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// It names the table.
    Table,
    /// It drops or renames the schema.
    Schema,
    /// It drops everything of a role.
    Owned,
    /// Code that deletes: it may build its statements itself, or run later, as a trigger.
    Code,
    /// It deletes rows or drops objects, which triggers may follow.
    Deletes,
    /// It calls a function.
    Call,
}

fn rank(streamed: &Streamed, place: &Place, lost: Lost) -> Option<Rank> {
    let body = streamed.body();
    let tokens = statements::tokens(body);
    let names: Vec<_> = tokens.iter().filter_map(|token| statements::name(token)).collect();
    let first: Vec<&str> = names.iter().take(2).map(String::as_str).collect();
    let has = |name: &str| names.iter().any(|one| one == name);
    let text = body.to_ascii_lowercase();
    let schemas = [place.ledger_schema.as_str(), place.bookkeeping.as_str()];
    let of_ours = matches!(lost, Lost::Bookkeeping | Lost::Ours);
    let names_table = match of_ours {
        true => has(place.bookkeeping.as_str()) || text.contains(&format!("{}.", place.bookkeeping)),
        false => text.contains(LEDGER_TABLE),
    };
    let is_read = matches!(first.first(), Some(&("select" | "set" | "create" | "comment" | "grant")));
    let is_code = matches!(first.first(), Some(&("do" | "call")));
    let deletes = ["truncate", "delete", "drop"].iter().any(|word| text.contains(word));
    match first.as_slice() {
        _ if names_table && !is_read => Some(Rank::Table),
        ["drop" | "alter", "schema"] if schemas.iter().any(|schema| has(schema)) => Some(Rank::Schema),
        ["drop", "owned"] => Some(Rank::Owned),
        _ if deletes && (is_code || names_table && first.first() == Some(&"create")) => Some(Rank::Code),
        ["truncate" | "delete" | "drop", ..] => Some(Rank::Deletes),
        _ if is_code || tokens.contains(&"(") && first.first() == Some(&"select") => Some(Rank::Call),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::ledger::owners::Owners;
    use crate::pg::ident::Ident;

    #[track_caller]
    fn check(sql: &str, lost: Lost, line: Option<(u32, bool)>) {
        let place = Place {
            bookkeeping: Ident::new("pgkeel"),
            ledger_schema: Ident::new("public"),
            operation: 1,
            command: "deploy".into(),
            owners: Owners::default(),
        };
        let found = blame(&Body::Text(sql.into()), &place, lost);
        assert_eq!(found.map(|found| (found.spot.line, found.is_certain)), line, "{sql}");
    }

    #[test]
    fn the_statement_that_names_the_most_is_blamed() {
        check("CREATE TABLE a (b int);\nDROP SCHEMA public CASCADE;", Lost::Ledger, Some((2, true)));
        check("DROP SCHEMA other;\nDROP OWNED BY CURRENT_USER;", Lost::Ledger, Some((2, true)));
        check("DELETE FROM t;\nDELETE FROM __diesel_schema_migrations;", Lost::Rows, Some((2, true)));
        check("TRUNCATE t;\nDO $$ BEGIN EXECUTE 'TRUNCATE ' || x; END $$;", Lost::Rows, Some((2, false)));
        check("SELECT 1;\nSELECT app.clean();", Lost::Rows, Some((2, false)));
        check("TRUNCATE pgkeel.migration;", Lost::Ours, Some((1, true)));
        check(
            "CREATE FUNCTION f() AS 'DELETE FROM __diesel_schema_migrations';",
            Lost::Rows,
            Some((1, false)),
        );
        check("CREATE TABLE a (b int);", Lost::Rows, None);
    }
}
