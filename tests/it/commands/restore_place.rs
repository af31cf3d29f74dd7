//! What belongs to the place, and what an operator kept, outlives a restore and its undo.

use super::backup::shell;
use crate::support::restored::{Place, key};
use crate::support::role::Role;

#[test]
fn an_undo_brings_back_no_setting_and_no_grant_that_was_changed_since() {
    let mut place = Place::shop();
    let role = Role::new(&mut place, "");
    let database = place.db.name.clone();
    place.sql(&format!(
        "ALTER DATABASE {database} SET work_mem = '5MB'; ALTER DATABASE {database} SET geqo = off; \
         GRANT CONNECT ON DATABASE {database} TO {}",
        role.name
    ));
    place.run(&["backup"]).exits(0);
    place.run(&["restore", "--yes"]).exits(0);
    place.sql(&format!(
        "ALTER DATABASE {database} SET work_mem = '7MB'; ALTER DATABASE {database} RESET geqo; \
         REVOKE CONNECT ON DATABASE {database} FROM PUBLIC, {}; ALTER DATABASE {database} CONNECTION LIMIT 50",
        role.name
    ));
    let sql = "SELECT concat_ws(' ', datconnlimit, datacl, setconfig) FROM pg_database d \
               LEFT JOIN pg_db_role_setting s ON s.setdatabase = d.oid WHERE datname = current_database()";
    let before = place.words(sql);
    place.run(&["restore", "--undo", "--yes"]).exits(0);
    assert_eq!(place.words(sql), before);
    place.run(&["restore", "--drop-quarantine", "--yes"]).exits(0);
}

#[test]
fn what_is_kept_to_be_looked_at_outlives_the_next_restore() {
    let place = Place::shop();
    place.run(&["backup"]).exits(0);
    place.dump("-Fp", "dump.sql");
    let text = std::fs::read_to_string(place.root().join("dump.sql")).unwrap();
    let end = "--\n-- PostgreSQL database dump complete";
    place
        .file("dump.sql", text.replace(end, &format!("DELETE FROM public.customers WHERE id = 7;\n\n{end}")));
    place.run(&["restore", "dump.sql", "--yes", "--keep-scratch"]).exits(10);
    let kept = place.beside();
    assert_eq!(kept.len(), 1);
    let ran = place.run(&["restore", "dump.sql", "--yes"]);
    assert!(ran.exits(3).stderr.contains(&kept[0]), "{}", ran.text());
    place.run(&["restore", "latest", "--yes"]).exits(0);
    assert!(place.beside().contains(&kept[0]), "{:?}", place.beside());
    let ran = place.run(&["status"]);
    assert!(ran.stdout.contains("kept to be looked at: "), "{}", ran.text());
}

#[test]
fn a_limit_of_connections_does_not_keep_the_jobs_of_the_restore_out() {
    let mut place = Place::new();
    let owner = Role::owner(&mut place, "CREATEDB");
    place.sql(&format!("GRANT pg_signal_backend TO {}", owner.name));
    place.migration(
        "20250101000000_many",
        "DO $$ BEGIN FOR n IN 1..40 LOOP \
           EXECUTE format('CREATE TABLE t%s AS SELECT generate_series(1, 20000) n', n); END LOOP; END $$;",
        "SELECT 1;",
    );
    place.run(&["deploy"]).exits(0);
    let database = place.db.name.clone();
    place.sql(&format!("ALTER DATABASE {database} CONNECTION LIMIT 4"));
    place.run(&["backup", "--jobs", "1"]).exits(0);
    place.run(&["restore", "latest", "--yes", "--jobs", "8"]).exits(0);
    let limit = "SELECT datconnlimit::text FROM pg_database WHERE datname = current_database()";
    assert_eq!(place.words(limit), "4");
    place.run(&["restore", "--drop-quarantine", "--yes"]).exits(0);
}

#[test]
fn without_the_key_nothing_that_was_found_with_it_is_cleared() {
    let place = Place::shop();
    let public = key(&place);
    place.run(&["backup", "--encrypt-to", &public]).exits(0);
    let ran = place.run(&["backup", "verify", "--level", "1"]);
    assert!(ran.exits(0).stdout.contains("passed L0"), "{}", ran.text());
    let ran = place.run(&["backup", "verify", "--level", "1", "--identity", "key.txt"]);
    assert!(ran.exits(0).stdout.contains("passed L1"), "{}", ran.text());
}

#[test]
fn a_prune_without_the_name_of_a_database_judges_no_others() {
    let place = Place::shop();
    place.run(&["backup"]).exits(0);
    place.run(&["backup"]).exits(0);
    let Place(project) = &place;
    let mut command = project.command(&["backup", "prune", "--keep-last", "1", "--apply", "--yes"]);
    command.env("DATABASE_URL", "host=127.0.0.1 port=1 user=postgres");
    let ran = command.output().unwrap();
    let said = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert_eq!(ran.status.code(), Some(2), "{said}");
    assert!(said.contains("--all"), "{said}");
    assert_eq!(place.backups("backups").len(), 2);
}

#[test]
fn a_role_that_may_create_roles_gives_what_it_restores_to_those_it_creates() {
    let mut place = Place::new();
    let owner = Role::owner(&mut place, "CREATEDB CREATEROLE");
    place.sql(&format!("GRANT pg_signal_backend TO {}", owner.name));
    let extra = format!("extra_{}", owner.name);
    place.sql(&format!(
        "CREATE ROLE {extra}; CREATE SCHEMA more AUTHORIZATION {extra}; CREATE TABLE more.theirs (n int); \
         ALTER TABLE more.theirs OWNER TO {extra}"
    ));
    place.dump("-Fc", "dump.pgdump");
    place.sql(&format!("DROP SCHEMA more CASCADE; DROP ROLE {extra}"));
    let ran = place.run(&["restore", "dump.pgdump", "--yes", "--create-roles"]);
    assert!(ran.exits(0).stderr.contains(&format!("created the role `{extra}`")), "{}", ran.text());
    assert_eq!(place.words("SELECT tableowner FROM pg_tables WHERE tablename = 'theirs'"), extra);
    place.run(&["restore", "--drop-quarantine", "--yes"]).exits(0);
    place.sql(&format!("DROP SCHEMA more CASCADE; DROP ROLE {extra}"));
}

#[test]
fn a_folder_that_others_can_write_to_holds_no_backup() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::shop();
    let open = place.root().join("open");
    std::fs::create_dir(&open).unwrap();
    std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o777)).unwrap();
    let ran = place.run(&["backup", "--dir", "open"]);
    assert!(ran.exits(3).stderr.contains("open to be written by others"), "{}", ran.text());
    std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o1777)).unwrap();
    place.run(&["backup", "--dir", "open"]).exits(0);
}

#[test]
fn rows_of_a_table_without_a_key_are_not_doubled_by_what_is_told_to_be_typed() {
    let place = Place::shop();
    place.sql(
        "CREATE TABLE log (line text); INSERT INTO log VALUES ('a'); \
         CREATE TABLE made (n int PRIMARY KEY, twice int GENERATED ALWAYS AS (n * 2) STORED NOT NULL); \
         INSERT INTO made VALUES (1), (2)",
    );
    place.run(&["backup"]).exits(0);
    place.sql("DELETE FROM made");
    let ran = place.run(&["restore", "--tables", "log,made", "--json"]);
    let tables = &ran.exits(0).json()["tables"];
    for line in tables.as_array().unwrap().iter().flat_map(|table| table["byHand"].as_array().unwrap()) {
        shell(line.as_str().unwrap(), &place.root(), &place);
    }
    assert_eq!(place.number("SELECT count(*) FROM log"), 1);
    assert_eq!(place.number("SELECT sum(twice) FROM made"), 6);
}
