//! Rows alone go back into the schema that they fit, verified, whoever restores them.

use crate::support::restored::{EVERYTHING, Place};
use crate::support::role::Role;

#[test]
fn rows_of_everything_come_back_into_their_schema() {
    let place = Place::new();
    place.file("pgkeel.toml", "");
    place.sql(EVERYTHING);
    let before = place.contents(&place.db.name);
    place.run(&["backup", "--data-only"]).exits(0);
    place.dump_with(&["-Fc", "-a"], "a.dump");
    place.dump_with(&["-Fd", "-a"], "a");
    place.dump_with(&["-Fp", "-a"], "a.sql");
    place.dump_with(&["-Fp", "-a", "--inserts"], "inserts.sql");
    let id = place.backups("backups")[0].file_name().unwrap().to_str().unwrap().to_owned();
    for from in [id.as_str(), "a.dump", "a", "a.sql", "inserts.sql"] {
        place.sql("TRUNCATE customers CASCADE; INSERT INTO empty_one VALUES (9, 'x')");
        let ran = place.run(&["restore", from, "--yes"]);
        assert_eq!(ran.code, 0, "{from}: {}", ran.text());
        assert!(ran.stdout.contains("rows alone were restored"), "{from}: {}", ran.text());
        assert_eq!(place.contents(&place.db.name), before, "{from}");
        place.run(&["restore", "--drop-quarantine", "--yes"]).exits(0);
    }
    assert!(place.beside().is_empty());
}

fn shop() -> Place {
    let place = Place::shop();
    place.migration(
        "20250102000000_orders",
        "CREATE TABLE orders (id serial PRIMARY KEY, customer int REFERENCES customers); \
         INSERT INTO orders (customer) SELECT id FROM customers; \
         CREATE MATERIALIZED VIEW first AS SELECT count(*) AS n FROM orders; \
         CREATE MATERIALIZED VIEW second AS SELECT n FROM first;",
        "DROP MATERIALIZED VIEW second; DROP MATERIALIZED VIEW first; DROP TABLE orders;",
    );
    place.run(&["deploy"]).exits(0);
    place
}

/// Every order and every customer.
const DIGEST: &str = "SELECT concat((SELECT md5(string_agg(o::text, ',' ORDER BY o::text)) FROM orders o), ' ', \
     (SELECT md5(string_agg(c::text, ',' ORDER BY c::text)) FROM customers c))";

#[test]
fn rows_come_back_into_a_schema_that_was_built_anew() {
    let place = shop();
    place.run(&["backup", "--data-only"]).exits(0);
    let rows = place.words(DIGEST);
    place.sql(
        "DROP MATERIALIZED VIEW second; DROP MATERIALIZED VIEW first; DROP TABLE orders, customers; \
         DROP TABLE __diesel_schema_migrations; DROP SCHEMA pgkeel CASCADE",
    );
    let id = place.backups("backups")[0].file_name().unwrap().to_str().unwrap().to_owned();
    // Nothing fits yet.
    let ran = place.run(&["restore", &id, "--yes"]);
    assert!(
        ran.exits(3).stderr.contains("of a schema whose newest migration is 20250102000000"),
        "{}",
        ran.text()
    );
    place.run(&["deploy"]).exits(0);
    place.sql("TRUNCATE customers CASCADE");
    place.run(&["restore", &id, "--yes"]).exits(0);
    assert_eq!(place.words(DIGEST), rows);
    assert_eq!(place.number("SELECT count(*) FROM orders"), 100);
    assert_eq!(place.number("SELECT n FROM second"), 100);
    assert_eq!(place.number("SELECT nextval('orders_id_seq')"), 101);
    place.run(&["status"]).exits(0);
    place.run(&["restore", "--undo", "--yes"]).exits(0);
    assert_eq!(place.number("SELECT count(*) FROM orders"), 0);
    place.run(&["restore", "--drop-quarantine", "--yes"]).exits(0);
    // In place there is one transaction, with the keys of the schema in it.
    place.dump_with(&["-Fc", "-a"], "a.dump");
    for from in [id.as_str(), "a.dump"] {
        let ran = place.run(&["restore", from, "--in-place", "--no-backup", "--yes"]);
        assert!(ran.exits(3).stderr.contains("without `--in-place`"), "{}", ran.text());
    }
}

#[test]
fn rows_of_tables_that_are_not_there_are_refused() {
    let place = Place::new();
    place.file("pgkeel.toml", "");
    place.sql("CREATE TABLE kept (i int); CREATE TABLE gone (i int); INSERT INTO kept VALUES (1)");
    place.run(&["backup", "--data-only"]).exits(0);
    let id = place.backups("backups")[0].file_name().unwrap().to_str().unwrap().to_owned();
    place.sql("DROP TABLE gone");
    let ran = place.run(&["restore", &id, "--yes"]);
    assert!(ran.exits(3).stderr.contains("the live database has no table `public.gone`"), "{}", ran.text());
    place.sql("CREATE TABLE gone (i int); ALTER TABLE kept DROP COLUMN i");
    let ran = place.run(&["restore", &id, "--yes"]);
    assert!(ran.code == 1 && ran.stderr.contains("the live database is as it was"), "{}", ran.text());
    assert!(place.beside().is_empty());
}

#[test]
fn the_owner_of_a_database_restores_rows_alone() {
    let mut place = Place::new();
    place.file("pgkeel.toml", "");
    let role = Role::owner(&mut place, "CREATEDB");
    place.sql(&format!("GRANT pg_signal_backend TO {0}", role.name));
    place.sql(&format!(
        "SET ROLE {}; CREATE FUNCTION up(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 + 1'; \
         CREATE TABLE a (i int PRIMARY KEY, g int GENERATED ALWAYS AS (up(i)) STORED); \
         CREATE TABLE \"Odd b\" (i int REFERENCES a); INSERT INTO a SELECT generate_series(1, 9); \
         INSERT INTO \"Odd b\" SELECT i FROM a",
        role.name
    ));
    place.run(&["backup", "--data-only"]).exits(0);
    place.sql("TRUNCATE a CASCADE");
    let id = place.backups("backups")[0].file_name().unwrap().to_str().unwrap().to_owned();
    let superuser = place.db.url.clone();
    place.run(&["restore", &id, "--yes"]).exits(0);
    assert_eq!(place.number("SELECT count(*) FROM \"Odd b\""), 9);
    place.run(&["restore", "--drop-quarantine", "--yes"]).exits(0);
    // A superuser would run the function with its own rights.
    place.connect_to(&superuser);
    let ran = place.run(&["restore", &id, "--yes"]);
    assert!(ran.exits(3).stderr.contains("public.up(integer)"), "{}", ran.text());
    place.connect_as(&role);
    drop(role);
}
