//! What `pg_dump` says about a database's catalog, as text that can be compared.

use std::sync::OnceLock;

use diesel::{Connection, PgConnection};
use pgkeel::pg::interrupt::Interrupt;
use pgkeel::pg::tools::client::Client;
use pgkeel::pg::tools::{Program, Tools, Wanted};
use pgkeel::pg::url::DatabaseUrl;

use super::attver;
use super::cluster::{TestDb, number, search};

/// The catalog without our own records and without comments, which name versions and change with every run.
pub(crate) fn catalog(db: &TestDb) -> Vec<String> {
    lines(&written(&db.url))
}

/// What it writes about the catalog of this database, without our own records.
pub(crate) fn written(url: &str) -> String {
    schema(
        url,
        &["--no-owner", "--exclude-schema=pgkeel", "--exclude-table=public.__diesel_schema_migrations"],
    )
}

/// What `pg_dump --schema-only` writes with these options.
pub(crate) fn schema(url: &str, options: &[&str]) -> String {
    // All these databases are on servers of one version.
    static PROGRAM: OnceLock<Program> = OnceLock::new();
    let program = PROGRAM.get_or_init(|| {
        let version = "SELECT current_setting('server_version_num')::bigint / 10000 AS value";
        let mut connection = PgConnection::establish(url).unwrap();
        let major = u32::try_from(number(&mut connection, version)).unwrap();
        Tools::find(&search(), "pg_dump", Wanted::AtLeast(major)).unwrap()
    });
    let url = DatabaseUrl::parse(url).unwrap();
    let client = Client {
        program,
        url: Some(&url),
        arguments: ["--schema-only"].iter().chain(options).map(Into::into).collect(),
        options: None,
        application_name: "pgkeel test",
        interrupt: &Interrupt::default(),
    };
    attver::left_out(&String::from_utf8(client.output().unwrap()).unwrap())
}

/// The lines that say something.
pub(crate) fn lines(text: &str) -> Vec<String> {
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
