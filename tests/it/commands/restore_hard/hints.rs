//! What refusals say to do next: it must help, and must not give away rights.

use insta::assert_snapshot;

use super::{Hard, Who};
use crate::support::restored::Place;
use crate::support::role::Role;

#[test]
fn nobody_is_told_to_become_a_member_of_a_superuser() {
    let hard = Hard::new(Who::Createdb, &[], "CREATE TABLE mine (i int)");
    let role = hard.role.as_ref().unwrap();
    hard.place.sql(&format!("CREATE TABLE theirs (i int); GRANT SELECT ON theirs TO {}", role.name));
    hard.backup();
    let ran = hard.place.run(&["restore", "latest", "--yes"]);
    ran.exits(3);
    assert!(!ran.stderr.contains("GRANT"), "{}", ran.text());
    assert!(ran.stderr.contains("next: give `--no-owner`, or restore as a superuser"), "{}", ran.text());
    // On trial it is what stood in the way, not that roles were missing.
    let ran = hard.place.run(&["backup", "verify", "latest", "--level", "2"]);
    ran.exits(0);
    assert!(ran.text().contains("is no member of"), "{}", ran.text());
}

#[test]
fn an_owner_whose_policies_are_forced_is_not_sent_to_the_owner() {
    let mut place = Place::new();
    let role = Role::owner(&mut place, "");
    place.sql(&format!(
        "SET ROLE {}; CREATE TABLE t (i int); ALTER TABLE t ENABLE ROW LEVEL SECURITY; \
         ALTER TABLE t FORCE ROW LEVEL SECURITY; RESET ROLE",
        role.name
    ));
    assert_snapshot!(place.run(&["backup"]).text(), @r#"
    exit 3
    --- stderr
    database `DB` on TCP as `ROLE` (`DATABASE_URL` in the environment)
    error: row security hides rows of public.t from role `ROLE`: the backup would lack them in silence
    next: `ROLE` owns them, but FORCE ROW LEVEL SECURITY applies policies to the owner too: take it as a superuser, or run as one: ALTER ROLE "ROLE" BYPASSRLS;
    "#);
    place.sql(&format!("ALTER DATABASE {} OWNER TO CURRENT_USER", place.db.name));
}

#[test]
fn a_role_that_the_database_sets_is_named_as_the_cause() {
    let mut place = Place::new();
    place.file("pgkeel.toml", "");
    let group = Role::new(&mut place, "");
    let login = Role::owner(&mut place, "CREATEDB");
    let name = place.db.name.clone();
    place.sql(&format!(
        "GRANT {0} TO {1}; GRANT ALL ON DATABASE {name} TO {0}; \
         GRANT pg_signal_backend TO {1}",
        group.name, login.name
    ));
    place.run(&["backup"]).exits(0);
    place.sql(&format!("ALTER DATABASE {name} SET role = {}", group.name));
    let ran = place.run(&["restore", "latest", "--yes"]);
    ran.exits(3);
    assert!(ran.stderr.contains("`SET role`") && !ran.stderr.contains("CREATEDB;"), "{}", ran.text());
    let url = format!("{}?options=-c%20role%3Dnone", login.url());
    place.connect_to(&url);
    place.run(&["restore", "latest", "--yes"]).exits(0);
    place.sql(&format!("SET ROLE NONE; ALTER DATABASE {name} RESET role"));
    for name in place.beside().iter().chain([&name]) {
        place.sql(&format!("ALTER DATABASE \"{name}\" OWNER TO CURRENT_USER"));
    }
    for name in place.beside() {
        place.sql(&format!("DROP DATABASE \"{name}\" WITH (FORCE)"));
    }
    place.sql(&format!("REVOKE ALL ON DATABASE {name} FROM {}", group.name));
}

#[test]
fn null_stays_null_where_a_role_reads_it_as_a_text() {
    let own = crate::support::cluster::private_cluster();
    let url = own.running.url("postgres");
    let project = crate::support::project::Project::new().url(&url);
    project.file("pgkeel.toml", "");
    use diesel::connection::SimpleConnection;
    own.connect("postgres").batch_execute("CREATE DATABASE shop").unwrap();
    own.connect("shop")
        .batch_execute("CREATE TABLE t (a text[]); INSERT INTO t VALUES (ARRAY[NULL, 'NULL', 'x'])")
        .unwrap();
    own.connect("postgres").batch_execute("ALTER ROLE CURRENT_USER SET array_nulls = off").unwrap();
    let mut project = project;
    project.connect_to(&own.running.url("shop"));
    project.run(&["backup"]).exits(0);
    for way in
        [&["restore", "latest", "--yes"][..], &["restore", "latest", "--in-place", "--no-backup", "--yes"]]
    {
        project.run(way).exits(0);
        let is = "SELECT ((a[1] IS NULL) || ' ' || a[2])::text AS value FROM t";
        assert_eq!(crate::support::cluster::words(&mut own.connect("shop"), is), "true NULL", "{way:?}");
    }
}

#[test]
fn a_copy_that_the_role_may_not_create_is_not_sent_in_place() {
    let hard = Hard::new(Who::Owner, &[], "CREATE TABLE t (i int)");
    hard.backup();
    let runs: [&[&str]; 3] = [
        &["backup", "verify", "latest", "--level", "2"],
        &["restore", "latest", "--tables", "t"],
        &["restore", "latest", "--into", "copy"],
    ];
    for arguments in runs {
        let ran = hard.place.run(arguments);
        let is_right = ran.exits(3).stderr.contains(" CREATEDB;") && !ran.stderr.contains("--in-place");
        assert!(is_right, "{arguments:?}: {}", ran.text());
    }
}

#[test]
fn a_refresh_of_a_materialized_view_is_not_counted_as_rows_written_since() {
    let hard = Hard::new(
        Who::Superuser,
        &[],
        "CREATE TABLE t (i int); INSERT INTO t SELECT generate_series(1, 500); CREATE MATERIALIZED VIEW m AS TABLE t",
    );
    hard.backup();
    hard.place.sql("REFRESH MATERIALIZED VIEW m; INSERT INTO t VALUES (0)");
    let written =
        || hard.place.run(&["restore", "latest", "--dry-run", "--json"]).json()["lost"]["written"].clone();
    crate::support::poll::until(10, "the statistics are there", || (written() == 1).then_some(()));
}
