//! What a server writes for itself among the options of columns is in no catalog that we read. Servers that do not write it
//! are made to look like those that do.

use diesel::PgConnection;
use diesel::connection::SimpleConnection;
use pgkeel::engine::catalog::read::read;
use pgkeel::engine::catalog::{Catalog, Id, Kind, Scope};
use pgkeel::pg::connect::ConnectOptions;
use pgkeel::pg::interrupt::Interrupt;
use pgkeel::pg::session::Session;
use pgkeel::pg::url::DatabaseUrl;

use crate::support::cluster::{TestDb, number};

fn catalog_of(url: &str) -> Catalog {
    let url = DatabaseUrl::parse(url).unwrap();
    let mut session = Session::connect(&url, &ConnectOptions::default(), &Interrupt::default()).unwrap();
    read(&mut session, "pgkeel").unwrap()
}

/// Whatever has columns, with options of users.
const OBJECTS: &str = r#"
    CREATE TYPE pair AS (a int, "b
c" text);
    CREATE TABLE "Odd ""t" (id int PRIMARY KEY, "b
c" text, plain int); CREATE TABLE typed OF pair; CREATE TABLE child (z int) INHERITS ("Odd ""t");
    ALTER TABLE "Odd ""t" ALTER "b
c" SET (n_distinct = 5, n_distinct_inherited = -0.5), ALTER id SET (n_distinct = 7);
    ALTER TABLE "Odd ""t" ADD later text, ALTER plain TYPE text;
    CREATE TABLE part (a int, b text) PARTITION BY LIST (a); CREATE TABLE part_1 PARTITION OF part FOR VALUES IN (1);
    CREATE VIEW v AS SELECT * FROM "Odd ""t"; CREATE MATERIALIZED VIEW m AS SELECT * FROM "Odd ""t";
    ALTER MATERIALIZED VIEW m ALTER "b
c" SET (n_distinct = 9);
    CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w; CREATE FOREIGN TABLE f (a int) SERVER s;
    ALTER FOREIGN TABLE f ALTER a SET (n_distinct = 3);
    CREATE INDEX by_upper ON "Odd ""t" (upper("b
c"), id);
"#;

/// Overwrites the options of all columns: only a superuser can, and a server that writes its own takes no others.
fn write(admin: &mut PgConnection, options: &str) {
    let sql = format!(
        "UPDATE pg_attribute SET attoptions = {options} FROM pg_class c \
         WHERE c.oid = attrelid AND relnamespace = 'public'::regnamespace AND attnum > 0 AND relkind <> 'i'"
    );
    admin.batch_execute(&sql).unwrap();
}

#[test]
fn an_option_that_the_server_writes_for_itself_is_not_read() {
    let (db, other) = (TestDb::new(), TestDb::new());
    let mut admin = db.connect();
    admin.batch_execute(OBJECTS).unwrap();
    other.connect().batch_execute(OBJECTS).unwrap();
    let before = catalog_of(&db.url);
    let option = |catalog: &Catalog, table: &str, column: &str| {
        let fact = catalog.fact(&Id::new(Kind::Column, "public", table, column)).unwrap();
        fact.get("options").map(str::to_owned)
    };
    let both = Some("n_distinct=5\nn_distinct_inherited=-0.5".to_owned());
    assert_eq!((option(&before, "Odd \"t", "b\nc"), option(&before, "Odd \"t", "plain")), (both, None));
    let view = before.fact(&Id::new(Kind::MaterializedView, "public", "m", "")).unwrap();
    assert_eq!(view.get("settings"), Some("b\\nc\tOPTIONS\tn_distinct=9"));
    let same = |now: &Catalog, why: &str| {
        assert_eq!(now, &before, "{why}");
        assert_eq!(now.fingerprint(&Scope::default()), before.fingerprint(&Scope::default()), "{why}");
    };
    // The oids of its indexes are others, and no part of what is compared.
    let elsewhere = catalog_of(&other.url).fingerprint(&Scope::default());
    assert_eq!(elsewhere, before.fingerprint(&Scope::default()));

    let own = "SELECT count(*) AS value FROM pg_attribute WHERE attrelid = 'part_1'::regclass AND attoptions::text ~ 'pg_attver'";
    if number(&mut admin, own) > 0 {
        return;
    }
    let users = "ARRAY(SELECT o FROM unnest(attoptions) o WHERE o NOT LIKE 'pg\\_attver=%')";
    for options in [
        format!("ARRAY['pg_attver=' || 26496440 + attrelid::int + attnum] || {users}"),
        format!("{users} || ARRAY['pg_attver=']"),
        format!("ARRAY['pg_attver=1=2, n_distinct=5'] || {users}"),
        format!("nullif({users}, '{{}}')"),
    ] {
        write(&mut admin, &options);
        same(&catalog_of(&db.url), &options);
    }
    // A name that is only similar is a user's.
    write(&mut admin, "ARRAY['pg_attver=8', 'pg_attversion=8', 'PG_ATTVER=8']");
    let similar = Some("PG_ATTVER=8\npg_attversion=8".to_owned());
    assert_eq!(option(&catalog_of(&db.url), "part_1", "b"), similar);
}
