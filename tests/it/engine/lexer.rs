//! The lexer and the server read the same: scripts of `tests/cases/lexer/`, whole and statement by statement. A first
//! line `-- server: 15` says that an older server does not know what is in it, `-- needs: libxml` that a server built
//! without it refuses each statement.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use pgkeel::pg::connect::ConnectOptions;
use pgkeel::pg::error::PgError;
use pgkeel::pg::interrupt::Interrupt;
use pgkeel::pg::session::{Rows, Session};
use pgkeel::pg::statements::{normalise, split};
use pgkeel::pg::tools::{Tools, Wanted};
use pgkeel::pg::url::DatabaseUrl;

use crate::support::cluster::{TestDb, search};

/// One test per file.
macro_rules! files {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            prove(stringify!($name));
        })*

        const FILES: &[&str] = &[$(stringify!($name)),*];
    };
}

files! { dump functions layout merge queries quotes rules tables xml }

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/lexer")
}

fn read(name: &str) -> String {
    std::fs::read_to_string(folder().join(format!("{name}.sql"))).unwrap()
}

#[test]
fn every_file_is_proved_and_together_they_are_many_statements() {
    let there: BTreeSet<_> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap().replace(".sql", ""))
        .collect();
    assert_eq!(there, FILES.iter().map(|name| (*name).to_owned()).collect());
    let count = |name: &&str| split(&read(name)).unwrap().iter().filter(|s| !s.is_empty()).count();
    let all: usize = FILES.iter().map(count).sum();
    assert!(all >= 300, "{all} statements");
}

fn prove(name: &str) {
    let text = read(name);
    let major = |db: &TestDb| session(db).server_version() / 10_000;
    let wanted = text.strip_prefix("-- server: ").and_then(|rest| rest.lines().next()?.parse().ok());
    if wanted.is_some_and(|wanted: i32| major(&TestDb::new()) < wanted) {
        return;
    }
    // A server that was built without libxml accepts neither the whole nor the statements.
    let lacks_xml = |db: &TestDb| session(db).query("SELECT '<a/>'::xml").is_err();
    if text.starts_with("-- needs: libxml") && lacks_xml(&TestDb::new()) {
        for statement in split(&text).unwrap().iter().filter(|statement| !statement.is_empty()) {
            let error = session(&TestDb::new()).query(&text[statement.body.clone()]).unwrap_err();
            assert!(error.to_string().contains("(SQLSTATE 0A000)"), "{error}");
        }
        return;
    }
    let made = same_whole_and_in_pieces(&text);
    same_whole_and_in_pieces(&text.replace('\n', "\r\n"));

    // Its normal form is a script of the same meaning.
    let db = TestDb::new();
    whole(&db, &normalise(&text).unwrap());
    assert_same(&contents(&db), &made);

    let broken = "SELEKT 'it''s; broken' FROM $$;$$ (1; 2) /* ; */ \"x;\"";
    let statements = split(&text).unwrap();
    let (before, after) = text.split_at(statements[statements.len() / 2].range.start);
    let db = TestDb::new();
    let (_, failures) = pieces(&db, &format!("{before}\n{broken};{after}"));
    let failed: Vec<_> = failures.iter().map(|(body, error)| (body.as_str(), sqlstate(error))).collect();
    assert_eq!(failed, [(broken, Some("42601"))]);
    assert_same(&contents(&db), &made);
}

/// Returns what the text makes.
fn same_whole_and_in_pieces(text: &str) -> String {
    let ranges: String = split(text).unwrap().into_iter().map(|statement| &text[statement.range]).collect();
    assert_eq!(ranges, text);

    let (db, other) = (TestDb::new(), TestDb::new());
    let (made, (results, failures)) = (whole(&db, text), pieces(&other, text));
    assert!(failures.is_empty(), "{failures:#?}");
    // What the server's own parser found in the message, and what each statement answered.
    let answers = |all: Vec<Rows>| all.into_iter().map(|rows| (rows.tag, rows.rows)).collect::<Vec<_>>();
    let (made, found) = (answers(made), answers(results));
    for (index, (made, found)) in made.iter().zip(&found).enumerate() {
        assert_eq!(found, made, "answer {index}");
    }
    assert_eq!(found.len(), made.len());
    let contents = contents(&db);
    assert_same(&self::contents(&other), &contents);
    contents
}

fn session(db: &TestDb) -> Session {
    let url = DatabaseUrl::parse(&db.url).unwrap();
    Session::connect(&url, &ConnectOptions::default(), &Interrupt::default()).unwrap()
}

/// Sends a text as one message.
fn whole(db: &TestDb, text: &str) -> Vec<Rows> {
    session(db).query(text).unwrap_or_else(|error| match &error {
        PgError::Server(server) => {
            let at = server.0.position.unwrap_or(1) - 1;
            panic!("{error} near: {}", text.chars().skip(at).take(200).collect::<String>())
        }
        _ => panic!("{error}"),
    })
}

/// Sends the body of each statement by itself; returns the answers, and which ones failed.
fn pieces(db: &TestDb, text: &str) -> (Vec<Rows>, Vec<(String, PgError)>) {
    let mut session = session(db);
    let (mut answers, mut failures) = (Vec::new(), Vec::new());
    for statement in split(text).unwrap().into_iter().filter(|statement| !statement.is_empty()) {
        let body = &text[statement.body];
        match session.query(body) {
            Ok(rows) => answers.extend(rows),
            Err(error) => failures.push((body.to_owned(), error)),
        }
    }
    (answers, failures)
}

/// All objects and rows of a database, as pg_dump has them.
fn contents(db: &TestDb) -> String {
    let url = DatabaseUrl::parse(&db.url).unwrap();
    let major = u32::try_from(session(db).server_version() / 10_000).unwrap();
    let mut pg_dump = Tools::find(&search(), "pg_dump", Wanted::AtLeast(major)).unwrap().command();
    for (key, value) in url.params() {
        let variable =
            if key == "dbname" { "PGDATABASE".to_owned() } else { format!("PG{}", key.to_uppercase()) };
        pg_dump.env(variable, value.expose());
    }
    let output = pg_dump.arg("--inserts").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    // The word after it is a random one.
    let restricted = |line: &&str| line.starts_with("\\restrict ") || line.starts_with("\\unrestrict ");
    text.lines().filter(|line| !restricted(line)).collect::<Vec<_>>().join("\n")
}

fn assert_same(found: &str, made: &str) {
    let differ = found.lines().zip(made.lines()).find(|(found, made)| found != made);
    assert!(found == made, "the first difference: {differ:#?}");
}

fn sqlstate(error: &PgError) -> Option<&str> {
    match error {
        PgError::Server(server) => Some(&server.0.sqlstate),
        _ => None,
    }
}
