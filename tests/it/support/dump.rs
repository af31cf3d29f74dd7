//! What `pg_dump` says about a database's catalog, as text that can be compared.

use pgkeel::pg::interrupt::Interrupt;
use pgkeel::pg::tools::client::Client;
use pgkeel::pg::tools::{Tools, Wanted};
use pgkeel::pg::url::DatabaseUrl;

use super::cluster::{TestDb, number, search};

/// The catalog without our own records and without comments, which name versions and change with every run.
pub(crate) fn catalog(db: &TestDb) -> Vec<String> {
    let version = "SELECT current_setting('server_version_num')::bigint / 10000 AS value";
    let major = u32::try_from(number(&mut db.connect(), version)).unwrap();
    let program = Tools::find(&search(), "pg_dump", Wanted::Major(major)).unwrap();
    let url = DatabaseUrl::parse(&db.url).unwrap();
    let arguments = [
        "--schema-only",
        "--no-owner",
        "--exclude-schema=pgkeel",
        "--exclude-table=public.__diesel_schema_migrations",
    ];
    let client = Client {
        program: &program,
        url: Some(&url),
        arguments: arguments.iter().map(Into::into).collect(),
        options: None,
        application_name: "pgkeel test",
        interrupt: &Interrupt::default(),
    };
    let text = String::from_utf8(client.output().unwrap()).unwrap();
    let tells = |line: &&str| {
        !line.is_empty() && !["--", "\\restrict", "\\unrestrict"].iter().any(|start| line.starts_with(start))
    };
    text.lines().filter(tells).map(str::to_owned).collect()
}

/// Fail, with the lines that only one of them has, unless both catalogs are the same.
#[track_caller]
pub(crate) fn same_catalog(what: &str, found: &[String], wanted: &[String]) {
    let only = |these: &[String], those: &[String]| {
        these.iter().filter(|line| !those.contains(line)).cloned().collect::<Vec<_>>().join("\n")
    };
    assert!(
        found == wanted,
        "{what}\n--- it has, and should not:\n{}\n--- it lacks:\n{}",
        only(found, wanted),
        only(wanted, found)
    );
}
