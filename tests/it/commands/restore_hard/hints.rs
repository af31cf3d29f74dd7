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

/// `--in-place` is a flag of `restore` alone, and takes no rows without their schema.
#[test]
fn a_flag_is_advised_where_the_command_has_it() {
    let hard = Hard::new(Who::Owner, &[], "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)");
    let run = |arguments: &[&str]| {
        let ran = hard.place.run(arguments);
        assert!(ran.exits(3).stderr.contains("CREATEDB"), "{arguments:?}: {}", ran.text());
        ran.stderr.clone()
    };
    hard.place.run(&["backup", "--data-only", "--label", "rows"]).exits(0);
    hard.place.run(&["backup", "--label", "all"]).exits(0);
    let advised = run(&["rollback", "--to-backup", "all", "--yes"]);
    assert!(advised.contains("run `pgkeel restore ") && advised.contains(" --in-place`"), "{advised}");
    assert!(run(&["restore", "all", "--yes"]).contains("give `--in-place`"));
    for arguments in [
        &["restore", "rows", "--yes"][..],
        &["restore", "all", "--into", "other"],
        &["restore", "all", "--tables", "t"],
        &["backup", "verify", "all", "--level", "2"],
    ] {
        let said = run(arguments);
        assert!(!said.contains("--in-place"), "{arguments:?}: {said}");
    }
}

/// Only one database of a server can have pg_cron.
#[test]
fn an_extension_that_no_second_database_can_have_is_restored_in_place() {
    let share = Place::new().words("SELECT setting FROM pg_config WHERE name = 'SHAREDIR'");
    if !std::path::Path::new(&share).join("extension/pg_cron.control").is_file() {
        crate::support::skipped::skipped("pg_cron");
        return;
    }
    use diesel::connection::SimpleConnection;
    let own = crate::support::cluster::private_cluster_with(|spec| {
        for (name, value) in [("shared_preload_libraries", "pg_cron"), ("cron.database_name", "shop")] {
            spec.settings.push((name.into(), value.into()));
        }
    });
    own.connect("postgres").batch_execute("CREATE DATABASE shop").unwrap();
    let mut project = crate::support::project::Project::new();
    project.file("pgkeel.toml", "");
    project.connect_to(&own.running.url("shop"));
    own.connect("shop")
        .batch_execute("CREATE EXTENSION pg_cron; SELECT cron.schedule('n', '0 3 * * *', 'SELECT 1')")
        .unwrap();
    let taken = project.run(&["backup"]);
    assert!(taken.exits(0).stderr.contains("`pg_cron` can be in one database"), "{}", taken.text());
    for (arguments, is_advised) in [
        (&["restore", "latest", "--yes"][..], true),
        (&["rollback", "--to-backup", "latest", "--yes"], true),
        (&["restore", "latest", "--into", "other"], false),
        (&["backup", "verify", "latest", "--level", "2"], false),
    ] {
        let ran = project.run(arguments);
        assert!(ran.exits(3).stderr.contains("`shop` (`cron.database_name`)"), "{}", ran.text());
        assert_eq!(ran.stderr.contains("--in-place"), is_advised, "{}", ran.text());
    }
    own.connect("shop").batch_execute("SELECT cron.unschedule('n')").unwrap();
    project.run(&["restore", "latest", "--in-place", "--yes"]).exits(0);
    let jobs =
        crate::support::cluster::number(&mut own.connect("shop"), "SELECT count(*) AS value FROM cron.job");
    assert_eq!(jobs, 1);
}

/// What the owner of the live database made is trusted in its copy, too.
#[test]
fn a_superuser_gets_copies_of_an_owners_database_with_our_tables() {
    let hard = Hard::new(
        Who::SuperuserForOwner,
        &[],
        "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 9)",
    );
    let superuser = hard.place.url_of(&hard.place.db.name);
    let mut hard = hard;
    let role = hard.role.as_ref().unwrap().url();
    hard.place.connect_to(&role);
    hard.place.run(&["env", "set", "staging", "--yes"]).exits(0);
    hard.place.connect_to(&superuser);
    hard.backup();
    hard.place.sql("DELETE FROM t WHERE id < 5");
    let copy = format!("{}__copy", hard.place.db.name);
    hard.place.run(&["restore", "latest", "--into", &copy, "--yes"]).exits(0);
    assert_eq!(
        hard.place.number(&format!(
            "SELECT count(DISTINCT datdba) FROM pg_database WHERE datname IN ('{copy}', current_database())"
        )),
        1
    );
    hard.place.run(&["restore", "latest", "--tables", "t", "--apply", "--yes"]).exits(0);
    assert_eq!(hard.place.number("SELECT count(*) FROM t"), 9);
}
