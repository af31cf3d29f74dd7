//! Settings that a role, a database or a person gives a session, and which of them count for our own statements: a
//! `statement_timeout` of 30 ms is meant for an application, not for reading a catalog of 2,500 tables.

use std::collections::BTreeSet;
use std::sync::Mutex;

use super::libpq;
use super::literal::Literal;
use super::url::DatabaseUrl;

/// Which settings a session starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limits {
    /// Ours: no timeout, and transactions as PostgreSQL begins them. The role's and the database's do not count.
    Ours,
    /// Those of the role and the database: for SQL that a person runs as if in psql.
    AsFound,
}

/// Which search_path a session starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SearchPath {
    /// That of the role, the database and the URL: the user's SQL runs on the session, or names of theirs are resolved.
    Theirs,
    /// Ours: statements of ours alone. Where a pooler or a service file forbids it,
    /// each statement that resolves a name sets it or is qualified.
    Ours,
}

/// The search_path of our own statements. No function, operator or type of another schema can replace PostgreSQL's, and
/// temporary tables come last, which an unnamed pg_temp would put first (docs 20.11.1 `search_path`).
pub const OUR_PATH: &str = "pg_catalog, pg_temp";

/// What counts before the options of a person, who may want a session that cannot write.
const BEFORE: &str = "-c default_transaction_isolation=read\\ committed -c default_transaction_deferrable=off \
     -c default_transaction_read_only=off";

/// What counts after them: a limit that a person gives is for the person's SQL (`for_their_sql`). A policy that applies to
/// what we read raises an error: no row is left out silently (docs 20.11.1 `row_security`).
const AFTER: &str = "-c statement_timeout=0 -c lock_timeout=0 -c idle_in_transaction_session_timeout=0 \
     -c idle_session_timeout=0 -c row_security=off";

/// The same as SQL, for a transaction of ours: where a pooler refused or ignored what the session was to start with,
/// and for `transaction_timeout`, which a server older than 17 refuses at the start.
const LOCALLY: &str = "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; \
     SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL row_security = off; ";

/// The same for a whole session.
const REFUSED: &str = "SET lock_timeout = 0; SET default_transaction_isolation = 'read committed'; \
     SET default_transaction_deferrable = off; SET default_transaction_read_only = off; SET row_security = off; ";

/// The limits that a person may give in a URL's `options` for the SQL that runs.
const THEIRS: [&str; 3] = ["statement_timeout", "transaction_timeout", "idle_in_transaction_session_timeout"];

/// The options that a session of this URL is to start with; `None`: a service file may have others, which ours would
/// replace unread.
pub(super) fn options(url: &DatabaseUrl, path: SearchPath) -> Option<String> {
    if url.get("service").is_some() {
        return None;
    }
    let theirs = given(url);
    let names_it = named(&theirs).any(|(name, _)| name == "transaction_timeout");
    let transaction = if names_it || knows_it(url) { " -c transaction_timeout=0" } else { "" };
    let path = match path {
        SearchPath::Theirs => String::new(),
        SearchPath::Ours => format!(" -c search_path={}", OUR_PATH.replace(' ', "")),
    };
    Some(format!("{BEFORE} {theirs} {AFTER}{transaction}{path}"))
}

/// The servers, by their addresses, that this process has found to know `transaction_timeout`.
static KNOWING: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

fn address(url: &DatabaseUrl) -> String {
    let each = url.endpoints().into_iter().map(|one| format!("{:?}:{:?}", one.host, one.port));
    each.collect::<Vec<_>>().join(",")
}

fn knows_it(url: &DatabaseUrl) -> bool {
    KNOWING.lock().is_ok_and(|known| known.contains(&address(url)))
}

/// A server has told its version: later sessions start without a `transaction_timeout`, if it has one.
pub(super) fn learn(url: &DatabaseUrl, server_version: i32) {
    if server_version >= 170_000
        && let Ok(mut known) = KNOWING.lock()
    {
        known.insert(address(url));
    }
}

/// What a person gave: the URL's `options`, else PGOPTIONS.
fn given(url: &DatabaseUrl) -> String {
    let given = url.get("options").map(str::to_owned);
    given.or_else(|| libpq::default_of("options")).unwrap_or_default()
}

/// As SQL that ends in `; `: for the beginning of a transaction of ours.
pub(super) fn locally(server_version: i32) -> String {
    let transaction = if server_version >= 170_000 { "SET LOCAL transaction_timeout = 0; " } else { "" };
    format!("{LOCALLY}{transaction}")
}

/// As SQL that ends in `; `: what RESET ALL gives back to a session that was not started with our options.
pub(super) fn after_reset() -> &'static str {
    REFUSED
}

/// The same for a connection whose server is not known yet, and which is ours alone.
pub fn of_pool() -> String {
    format!(
        "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET idle_session_timeout = 0; {REFUSED}\
         SELECT pg_catalog.set_config('transaction_timeout', '0', false) \
         WHERE pg_catalog.current_setting('server_version_num')::pg_catalog.int4 OPERATOR(pg_catalog.>=) 170000; "
    )
}

/// The limits that a person gave for the SQL that runs, as SQL that ends in `; `; mostly empty.
pub(super) fn for_their_sql(url: &DatabaseUrl, set: &str) -> String {
    let theirs = given(url);
    named(&theirs)
        .filter(|(name, _)| THEIRS.contains(&name.as_str()))
        .map(|(name, value)| format!("{set} {name} = {}; ", Literal(&value)))
        .collect()
}

/// The settings in the text of `options`, as the server takes it apart (docs 34.1.2 "options"): words with backslashes
/// before spaces that belong to them; `-c name=value` or `--name=value`.
fn named(options: &str) -> impl Iterator<Item = (String, String)> {
    let mut words = words(options).into_iter();
    std::iter::from_fn(move || {
        loop {
            let word = words.next()?;
            let setting = match word.strip_prefix("-c").or_else(|| word.strip_prefix("--")) {
                Some("") => words.next()?,
                Some(setting) => setting.to_owned(),
                None => continue,
            };
            if let Some((name, value)) = setting.split_once('=') {
                return Some((name.trim().replace('-', "_").to_lowercase(), value.to_owned()));
            }
        }
    })
}

fn words(options: &str) -> Vec<String> {
    let (mut all, mut word, mut is_escaped) = (Vec::new(), String::new(), false);
    for character in options.chars() {
        match character {
            _ if is_escaped => {
                word.push(character);
                is_escaped = false;
            }
            '\\' => is_escaped = true,
            _ if character.is_ascii_whitespace() => {
                if !word.is_empty() {
                    all.push(std::mem::take(&mut word));
                }
            }
            _ => word.push(character),
        }
    }
    if !word.is_empty() {
        all.push(word);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_in_options_are_those_that_the_server_finds() {
        let check = |options: &str, found: &[(&str, &str)]| {
            let all: Vec<_> = named(options).collect();
            let all: Vec<_> = all.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            assert_eq!(all, found, "{options}");
        };
        check("-c statement_timeout=5s", &[("statement_timeout", "5s")]);
        check(
            "-cstatement_timeout=5s  --lock-timeout=1s",
            &[("statement_timeout", "5s"), ("lock_timeout", "1s")],
        );
        check(
            "-c default_transaction_isolation=read\\ committed",
            &[("default_transaction_isolation", "read committed")],
        );
        check("-c Work_Mem=1MB -B 5", &[("work_mem", "1MB")]);
        check("", &[]);
    }

    #[test]
    fn a_limit_that_a_person_gives_is_for_their_sql_and_not_for_ours() {
        let url =
            DatabaseUrl::parse("postgres://u@h/d?options=-c%20statement_timeout%3D5s%20-c%20work_mem%3D1MB")
                .unwrap();
        let started = options(&url, SearchPath::Theirs).unwrap();
        assert!(
            started.ends_with(AFTER) && started.contains("-c statement_timeout=5s -c work_mem=1MB"),
            "{started}"
        );
        assert_eq!(for_their_sql(&url, "SET LOCAL"), "SET LOCAL statement_timeout = E'5s'; ");
    }
}
