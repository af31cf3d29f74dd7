//! `pg_attver`, which the server writes for itself among the options of columns. Since 14.25, 15.20, 16.16, 17.12 and 18.7
//! (CVE-2026-6460) each column keeps the version of its type there. These servers ignore a number that a user sets; all
//! others refuse it.

use std::ops::Range;

use super::statements::tokens;

/// What such an option begins with: pg_dump of these releases leaves out every option that does.
pub const ATTRIBUTE_VERSION: &str = "pg_attver=";

/// What pg_dump begins the statements with that set options of columns.
pub const BEGINNINGS: [&str; 2] = ["ALTER TABLE ONLY ", "ALTER FOREIGN TABLE ONLY "];

/// The first minor release of each major version that writes the option.
const SINCE: [(i32, i32); 5] = [(14, 25), (15, 20), (16, 16), (17, 12), (18, 7)];

/// Whether this version, of a server as in `server_version_num`, is known to write the option: then it also takes it.
#[must_use]
pub fn is_written_by(version: i32) -> bool {
    SINCE.iter().any(|(major, minor)| version / 10_000 == *major && version % 10_000 >= *minor)
}

/// What is left of an `ALTER TABLE ONLY … ALTER COLUMN … SET (…);` of pg_dump: the options of users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Left {
    /// All of it: no option is the server's own.
    All,
    /// Nothing: every option is.
    Nothing,
    /// The statement without these bytes.
    Without(Vec<Range<usize>>),
}

/// Looks for the server's own options in one statement of pg_dump. Any other statement is left as it is.
#[must_use]
pub fn left_of(statement: &str) -> Left {
    let Some(options) = options(statement) else { return Left::All };
    let own = |option: &Range<usize>| statement[option.clone()].starts_with(ATTRIBUTE_VERSION);
    if !options.iter().any(own) {
        return Left::All;
    }
    if options.iter().all(own) {
        return Left::Nothing;
    }
    // Each with the comma that follows it; the last one with the comma before it, which may be gone already.
    let mut gone: Vec<Range<usize>> = Vec::new();
    let mut kept = 0;
    for (at, option) in options.iter().enumerate() {
        if !own(option) {
            kept = option.end;
            continue;
        }
        let start = option.start.max(gone.last().map_or(0, |last| last.end));
        match options.get(at + 1) {
            Some(next) => gone.push(start..next.start),
            None => {
                gone.retain(|range| range.start < kept);
                gone.push(kept..option.end);
            }
        }
    }
    Left::Without(gone)
}

/// The options of such a statement, each from its name to the end of its value.
fn options(statement: &str) -> Option<Vec<Range<usize>>> {
    let tokens = tokens(statement);
    let place = |token: &str| {
        let start = token.as_ptr().addr() - statement.as_ptr().addr();
        start..start + token.len()
    };
    let mut rest = tokens.as_slice();
    let mut word = |word: &str| match rest.split_first() {
        Some((first, after)) if *first == word => {
            rest = after;
            true
        }
        _ => false,
    };
    if !word("ALTER") {
        return None;
    }
    word("FOREIGN");
    if !(word("TABLE") && word("ONLY")) {
        return None;
    }
    let rest = match rest {
        [_, ".", _, rest @ ..] | [_, rest @ ..] => rest,
        [] => return None,
    };
    let ["ALTER", "COLUMN", _, "SET", "(", rest @ ..] = rest else { return None };
    let (end, _) = rest.iter().enumerate().find(|(_, token)| **token == ")")?;
    if !matches!(rest[end + 1..], [] | [";"]) {
        return None;
    }
    rest[..end]
        .split(|token| *token == ",")
        .map(|option| Some(place(option.first()?).start..place(option.last()?).end))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(statement: &str, left: &str) {
        let got = match left_of(statement) {
            Left::All => statement.to_owned(),
            Left::Nothing => String::new(),
            Left::Without(ranges) => {
                let mut text = statement.to_owned();
                for range in ranges.into_iter().rev() {
                    text.replace_range(range, "");
                }
                text
            }
        };
        assert_eq!(got, left, "{statement}");
    }

    #[test]
    fn the_servers_option_is_taken_out_and_no_other() {
        let t = "ALTER TABLE ONLY public.t ALTER COLUMN i SET";
        check(&format!("{t} (pg_attver=26496440);"), "");
        check(&format!("{t} (pg_attver=);"), "");
        check(&format!("{t} (pg_attver=1, n_distinct=-0.5);"), &format!("{t} (n_distinct=-0.5);"));
        check(&format!("{t} (n_distinct=5, pg_attver=1);"), &format!("{t} (n_distinct=5);"));
        check(
            &format!("{t} (a=1, pg_attver=1, pg_attver=2, b=2, pg_attver=3, pg_attver=4);"),
            &format!("{t} (a=1, b=2);"),
        );
        for kept in ["n_distinct=5", "pg_attversion=5", "PG_ATTVER=5", "x=5, pg_attver_x=1"] {
            check(&format!("{t} ({kept});"), &format!("{t} ({kept});"));
        }
    }

    #[test]
    fn names_may_be_odd_and_other_statements_stay() {
        check("ALTER FOREIGN TABLE ONLY \"a\n\"\"b\".\"(\" ALTER COLUMN \");\n\" SET (pg_attver=1);", "");
        check("ALTER TABLE ONLY t ALTER COLUMN i SET (pg_attver=1)", "");
        for stays in [
            "ALTER TABLE ONLY public.t ALTER COLUMN i SET DEFAULT 'SET (pg_attver=1)';",
            "ALTER TABLE ONLY public.t ALTER COLUMN \"SET (pg_attver=1)\" SET STATISTICS 5;",
            "ALTER TABLE ONLY public.t ALTER COLUMN i SET (pg_attver=1), ALTER COLUMN j SET (n_distinct=1);",
            "COMMENT ON TABLE t IS 'ALTER TABLE ONLY t ALTER COLUMN i SET (pg_attver=1);';",
            "",
        ] {
            check(stays, stays);
        }
    }

    #[test]
    fn the_releases_that_write_it_are_known() {
        for (version, writes) in [
            (140_024, false),
            (140_025, true),
            (150_018, false),
            (150_021, true),
            (180_006, false),
            (180_007, true),
            (190_000, false),
        ] {
            assert_eq!(is_written_by(version), writes, "{version}");
        }
    }
}
