//! `restore`: the live database is replaced by what was backed up, or it is as it was.

use crate::support::restored::{EVERYTHING, Place, files, key};
use crate::support::role::Role;

#[test]
fn everything_comes_back_as_it_was() {
    let place = Place::new();
    place.sql(EVERYTHING);
    let before = place.contents(&place.db.name);
    place.run(&["backup"]).exits(0);
    place.sql("DROP TABLE customers CASCADE; UPDATE cache SET v = 'new'; CREATE TABLE later ()");
    let ran = place.run(&["restore", "--yes", "--json"]);
    ran.exits(0);
    let report = ran.json();
    assert_eq!(report["unreached"], serde_json::Value::Null, "{report}");
    pretty(&place.contents(&place.db.name), &before);
    let aside = report["quarantine"].as_str().unwrap();
    assert_eq!(place.beside(), [aside]);
    assert_eq!(place.number("SELECT nextval('loose')"), 43);
}

#[test]
fn what_stock_pg_dump_wrote_comes_back_in_every_form() {
    let place = Place::new();
    place.sql(EVERYTHING);
    let before = place.contents(&place.db.name);
    for (form, file) in [("-Fp", "dump.sql"), ("-Fc", "dump.pgdump"), ("-Fd", "dump.d")] {
        place.dump(form, file);
        place.sql("CREATE TABLE later ()");
        let ran = place.run(&["restore", file, "--yes"]);
        ran.exits(0);
        assert!(ran.stdout.contains("restored"), "{}", ran.text());
        pretty(&place.contents(&place.db.name), &before);
        place.run(&["restore", "--drop-quarantine", "--yes"]).exits(0);
        assert!(place.beside().is_empty());
    }
}

#[test]
fn a_cut_script_is_never_restored() {
    let place = Place::shop();
    place.dump("-Fp", "dump.sql");
    let whole = std::fs::read(place.root().join("dump.sql")).unwrap();
    place.sql("UPDATE customers SET name = 'edited' WHERE id = 1");
    for part in 1..20 {
        place.file("cut.sql", &whole[..whole.len() * part / 20]);
        let ran = place.run(&["restore", "cut.sql", "--yes"]);
        ran.exits(10);
        assert!(ran.stderr.contains("not whole"), "{}", ran.text());
    }
    assert_eq!(place.number("SELECT count(*) FROM customers WHERE name = 'edited'"), 1);
    assert!(place.beside().is_empty());
}

#[test]
fn a_damaged_backup_or_archive_is_never_restored() {
    let place = Place::shop();
    place.dump("-Fc", "dump.pgdump");
    let whole = std::fs::read(place.root().join("dump.pgdump")).unwrap();
    for part in 1..10 {
        place.file("cut.pgdump", &whole[..whole.len() * part / 10]);
        place.run(&["restore", "cut.pgdump", "--yes"]).exits(10);
    }
    let ran = place.run(&["backup", "--json"]);
    ran.exits(0);
    let data = files(&place.backups("backups")[0].join("dump"));
    let file = data.iter().find(|path| path.extension().is_some_and(|end| end != "dat")).unwrap();
    let mut bytes = std::fs::read(file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(file, bytes).unwrap();
    let ran = place.run(&["restore", "--yes"]);
    ran.exits(10);
    assert!(ran.stderr.contains("checksum"), "{}", ran.text());
    assert!(place.beside().is_empty());
}

#[test]
fn undo_puts_the_database_of_before_back_and_redo_the_restored_one() {
    let place = Place::shop();
    place.run(&["backup"]).exits(0);
    place.sql("DELETE FROM customers WHERE id > 10");
    place.run(&["restore", "--yes"]).exits(0);
    assert_eq!(place.number("SELECT count(*) FROM customers"), 100);
    place.run(&["restore", "--undo", "--yes"]).exits(0);
    assert_eq!(place.number("SELECT count(*) FROM customers"), 10);
    let again = place.run(&["restore", "--undo", "--yes"]);
    again.exits(0);
    assert!(again.stdout.contains("UTC already; nothing was done"), "{}", again.text());
    assert!(again.stdout.contains("to change back: pgkeel restore --redo\n"), "{}", again.text());
    assert_eq!(place.number("SELECT count(*) FROM customers"), 10);
    place.run(&["restore", "--redo", "--yes"]).exits(0);
    assert_eq!(place.run(&["restore", "--redo", "--yes", "--json"]).exits(0).json()["already"], true);
    assert_eq!(place.number("SELECT count(*) FROM customers"), 100);
    place.run(&["restore", "--undo", "--yes"]).exits(0);
    assert_eq!(place.number("SELECT count(*) FROM customers"), 10);
    place.run(&["restore", "--redo", "--yes"]).exits(0);
    assert_eq!(place.number("SELECT count(*) FROM customers"), 100);
    assert_eq!(
        place.words(
            "SELECT string_agg(command || ' ' || outcome, ', ' ORDER BY id) FROM pgkeel.operation
        WHERE command = 'restore'"
        ),
        "restore done, restore done, restore done, restore done, restore done"
    );
    let list = place.run(&["restore", "--list", "--json"]);
    assert_eq!(list.json()["quarantined"].as_array().unwrap().len(), 1, "{}", list.text());
}

#[test]
fn the_mark_and_the_audit_trail_belong_to_the_place() {
    let staging = Place::shop();
    staging.run(&["env", "set", "staging"]).exits(0);
    staging.run(&["backup", "--dir", "out"]).exits(0);
    let id = staging.backups("out").remove(0);
    let production = Place::shop();
    production.run(&["env", "set", "production"]).exits(0);
    let operations = production.number("SELECT count(*) FROM pgkeel.operation");
    let (id, name) = (id.to_str().unwrap(), &production.db.name);
    production.run(&["restore", id, "--confirm", &format!("production/{name}")]).exits(3);
    production.run(&["restore", id, "--from-elsewhere", "--yes"]).exits(3);
    production.run(&["restore", id, "--from-elsewhere", "--confirm", &format!("production/{name}")]).exits(0);
    assert_eq!(
        production.words("SELECT name || '/' || database FROM pgkeel.environment"),
        format!("production/{name}")
    );
    assert_eq!(production.number("SELECT count(*) FROM pgkeel.operation"), operations + 1);
    assert_eq!(production.number("SELECT count(*) FROM pgkeel.migration WHERE operation_id IS NOT NULL"), 0);
    production.run(&["status"]).exits(0);
}

#[test]
fn a_copy_beside_starts_without_a_mark_and_says_where_it_came_from() {
    let place = Place::shop();
    place.run(&["env", "set", "production"]).exits(0);
    place.run(&["backup"]).exits(0);
    let copy = format!("{}_copy", place.db.name);
    place.run(&["restore", "--into", &copy]).exits(0);
    assert_eq!(place.number_in(&copy, "SELECT count(*) FROM pgkeel.environment"), 0);
    assert_eq!(place.number_in(&copy, "SELECT count(*) FROM customers"), 100);
    let from = format!(
        "SELECT count(*) FROM pgkeel.operation WHERE command = 'restore' AND message LIKE 'a copy of {}%'",
        place.db.name
    );
    assert_eq!(place.number_in(&copy, &from), 1);
    let again = place.run(&["restore", "--into", &copy]);
    again.exits(3);
    assert!(again.stderr.contains("already"), "{}", again.text());
}

#[test]
fn settings_grants_and_comment_of_the_place_stay() {
    let mut place = Place::shop();
    let reader = Role::new(&mut place, "");
    place.run(&["backup"]).exits(0);
    let name = place.db.name.clone();
    place.sql(&format!(
        "ALTER DATABASE {name} SET search_path TO public, \"Odd, one\"; ALTER ROLE {0} IN DATABASE {name} SET work_mem = '7MB'; \
         REVOKE ALL ON DATABASE {name} FROM PUBLIC; GRANT CONNECT ON DATABASE {name} TO {0}; \
         ALTER DATABASE {name} CONNECTION LIMIT 77; COMMENT ON DATABASE {name} IS 'the shop''s'",
        reader.name
    ));
    let state = format!(
        "SELECT concat_ws(' | ', datacl, datconnlimit, shobj_description(oid, 'pg_database'), \
           (SELECT string_agg(setconfig::text, ';' ORDER BY setrole) FROM pg_db_role_setting WHERE setdatabase = d.oid)) \
         FROM pg_database d WHERE datname = '{name}'"
    );
    let before = place.words(&state);
    place.run(&["restore", "--yes"]).exits(0);
    assert_eq!(place.words(&state), before);
    place.run(&["restore", "--undo", "--yes"]).exits(0);
    assert_eq!(place.words(&state), before);
}

#[test]
fn a_missing_role_is_told_before_any_work_with_what_creates_it() {
    let mut place = Place::shop();
    {
        let gone = Role::new(&mut place, "");
        place.sql(&format!("GRANT SELECT ON customers TO {}", gone.name));
        place.run(&["backup"]).exits(0);
    }
    let ran = place.run(&["restore", "--yes"]);
    ran.exits(3);
    assert!(
        ran.stderr.contains("CREATE ROLE \"ROLE\"") || ran.text().contains("CREATE ROLE \"ROLE\""),
        "{}",
        ran.text()
    );
    place.run(&["restore", "--yes", "--no-privileges", "--no-owner"]).exits(0);
    let ran = place.run(&["restore", "--yes", "--create-roles"]);
    ran.exits(0);
    let role = place.words(
        "SELECT rolname FROM pg_roles WHERE NOT rolcanlogin AND rolname LIKE 'r%' AND \
        has_table_privilege(oid, 'customers', 'SELECT') AND oid > 16384 AND rolname NOT LIKE 'pg%' LIMIT 1",
    );
    place.sql(&format!("DROP OWNED BY {role}"));
    place.run(&["restore", "--drop-quarantine", "--yes"]).exits(0);
    place.sql(&format!("DROP ROLE {role}"));
}

#[test]
fn an_owner_with_createdb_restores_and_one_without_is_told_what_he_lacks() {
    let mut place = Place::new();
    place.file("pgkeel.toml", "");
    place.migration("20250101000000_shop", "CREATE TABLE customers (id int)", "DROP TABLE customers");
    let owner = Role::owner(&mut place, "");
    place.run(&["deploy"]).exits(0);
    place.run(&["backup"]).exits(0);
    let ran = place.run(&["restore", "--yes"]);
    ran.exits(3);
    assert!(ran.text().contains("ALTER ROLE \"ROLE\" CREATEDB;"), "{}", ran.text());
    place.sql(&format!("ALTER ROLE {} CREATEDB", owner.name));
    place.run(&["restore", "--yes"]).exits(0);
    place.run(&["restore", "--undo", "--yes"]).exits(0);
    place.run(&["restore", "--drop-quarantine", "--yes"]).exits(0);
    drop(owner);
}

#[test]
fn a_dry_run_shows_every_step_and_changes_nothing() {
    let place = Place::shop();
    place.run(&["backup"]).exits(0);
    let ran = place.run(&["restore", "--dry-run"]);
    ran.exits(0);
    for step in
        ["CREATE DATABASE", "pg_restore --exit-on-error", "RENAME TO", "ALLOW_CONNECTIONS false", "COMMIT;"]
    {
        assert!(ran.stdout.contains(step), "{step}: {}", ran.text());
    }
    assert!(place.beside().is_empty());
}

#[test]
fn a_script_that_leaves_its_database_is_refused() {
    let place = Place::shop();
    place.dump("-Fp", "plain.sql");
    let path = place.root().join("create.sql");
    let text = std::fs::read_to_string(place.root().join("plain.sql")).unwrap();
    let text = text.replacen("SET statement_timeout", "CREATE DATABASE x;\nSET statement_timeout", 1);
    std::fs::write(&path, text).unwrap();
    let ran = place.run(&["restore", "create.sql", "--yes"]);
    ran.exits(3);
    assert!(ran.stderr.contains("--create"), "{}", ran.text());
}

#[test]
fn tables_are_restored_beside_with_the_commands_that_merge_them() {
    let place = Place::shop();
    place.run(&["backup"]).exits(0);
    place.sql("DELETE FROM customers WHERE id <= 40");
    let ran = place.run(&["restore", "--tables", "customers", "--json"]);
    ran.exits(0);
    let table = &ran.json()["tables"][0];
    assert_eq!((table["rowsThere"].as_i64(), table["rowsLive"].as_i64()), (Some(100), Some(60)));
    assert_eq!(place.number("SELECT count(*) FROM customers"), 60);
    assert_eq!(place.beside().len(), 1);
}

#[track_caller]
fn pretty(found: &str, expected: &str) {
    for (found, expected) in found.lines().zip(expected.lines()) {
        assert_eq!(found, expected);
    }
    assert_eq!(found.lines().count(), expected.lines().count());
}

#[test]
fn a_role_without_createdb_restores_in_place_and_a_failure_near_the_end_leaves_everything() {
    let mut place = Place::new();
    place.file("pgkeel.toml", "");
    place.migration(
        "20250101000000_shop",
        "CREATE TABLE customers (id serial PRIMARY KEY, name text); CREATE SCHEMA more; CREATE TABLE more.notes (note text); \
         INSERT INTO customers (name) SELECT 'n' || n FROM generate_series(1, 100) n; \
         SELECT lo_from_bytea(0, 'large object'); CREATE VIEW v AS SELECT * FROM customers;",
        "SELECT 1;",
    );
    place.sql("CREATE EXTENSION pg_trgm; COMMENT ON EXTENSION pg_trgm IS 'x'");
    let owner = Role::owner(&mut place, "");
    place.run(&["deploy"]).exits(0);
    place.run(&["backup"]).exits(0);
    let before = place.contents(&place.db.name);
    let acl = "SELECT nspowner::regrole || ' ' || nspacl::text FROM pg_namespace WHERE nspname = 'public'";
    let public = place.words(acl);

    place.sql("UPDATE customers SET name = 'edited' WHERE id = 1");
    // Somebody else's object under a name that comes back: the last thing to fail, and nothing was lost.
    place.sql("ALTER TABLE customers RENAME CONSTRAINT customers_pkey TO other_pkey; CREATE SEQUENCE customers_pkey");
    place.run(&["restore", "--in-place", "--no-backup", "--yes"]).exits(1);
    assert_eq!(place.number("SELECT count(*) FROM customers WHERE name = 'edited'"), 1);
    place.sql("DROP SEQUENCE customers_pkey");

    let operations = place.number("SELECT count(*) FROM pgkeel.operation");
    place.run(&["env", "set", "staging"]).exits(0);
    let ran = place.run(&["restore", "20", "--in-place", "--yes"]);
    assert_eq!(ran.code, 2, "{}", ran.text());
    let first = place.backups("backups").remove(0);
    place.run(&["restore", first.to_str().unwrap(), "--in-place", "--yes"]).exits(0);
    let user = |text: &str| {
        text.lines().filter(|line| !line.contains("pgkeel")).map(str::to_owned).collect::<Vec<_>>()
    };
    let after = place.contents(&place.db.name);
    let rows = |text: &str| {
        user(text)
            .iter()
            .filter(|line| line.starts_with("1\tn1") || line.contains("CREATE "))
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(rows(&after), rows(&before));
    assert_eq!(place.words(acl), public);
    assert_eq!(place.number("SELECT count(*) FROM pg_largeobject_metadata"), 1);
    assert_eq!(place.number("SELECT count(*) FROM customers WHERE name = 'edited'"), 0);
    assert_eq!(place.words("SELECT name FROM pgkeel.environment"), "staging");
    assert!(place.number("SELECT count(*) FROM pgkeel.operation") > operations);
    assert_eq!(place.number("SELECT count(*) FROM pgkeel.migration WHERE operation_id IS NOT NULL"), 1);
    place.run(&["status"]).exits(0);
    drop(owner);
}

#[test]
fn an_encrypted_backup_comes_back_with_its_key_alone_swapped_or_in_place() {
    let place = Place::shop();
    let public = key(&place);
    place.run(&["backup", "--encrypt-to", &public]).exits(0);
    place.sql("DELETE FROM customers");
    let ran = place.run(&["restore", "--yes"]);
    ran.exits(3);
    assert!(ran.stderr.contains("--identity"), "{}", ran.text());
    place.run(&["restore", "--yes", "--identity", "key.txt"]).exits(0);
    assert_eq!(place.number("SELECT count(*) FROM customers"), 100);
    place.sql("DELETE FROM customers");
    place.run(&["restore", "--yes", "--in-place", "--no-backup", "--identity", "key.txt"]).exits(0);
    assert_eq!(place.number("SELECT count(*) FROM customers"), 100);
}

#[test]
fn what_no_reader_sees_is_compared_all_the_same() {
    let place = Place::new();
    place.sql(EVERYTHING);
    let public = key(&place);
    for form in [&["--label", "stream"][..], &["--label", "script", "--plain"]] {
        place.run(&[&["backup", "--encrypt-to", &public], form].concat()).exits(0);
        let ran =
            place.run(&["backup", "verify", form[1], "--level", "3", "--identity", "key.txt", "--json"]);
        ran.exits(0);
        let notes = &ran.json()["backups"][0]["notes"];
        assert!(!notes.to_string().contains("schema"), "{}", ran.text());
    }
}

#[test]
fn a_plain_backup_of_ours_comes_back_encrypted_or_not() {
    let place = Place::shop();
    let public = key(&place);
    place.run(&["backup", "--plain", "--label", "open"]).exits(0);
    place.run(&["backup", "--plain", "--label", "sealed", "--encrypt-to", &public]).exits(0);
    for label in ["open", "sealed"] {
        place.sql("DELETE FROM customers");
        place.run(&["restore", label, "--yes", "--identity", "key.txt"]).exits(0);
        assert_eq!(place.number("SELECT count(*) FROM customers"), 100);
    }
}

#[test]
fn what_is_restored_and_differs_never_goes_live_and_is_kept_only_on_request() {
    let place = Place::shop();
    place.dump("-Fp", "dump.sql");
    let text = std::fs::read_to_string(place.root().join("dump.sql")).unwrap();
    // As a trigger or a rule of the server might: a row less than the file has.
    let end = "--\n-- PostgreSQL database dump complete";
    place
        .file("dump.sql", text.replace(end, &format!("DELETE FROM public.customers WHERE id = 7;\n\n{end}")));
    let ran = place.run(&["restore", "dump.sql", "--yes"]);
    ran.exits(10);
    assert!(ran.stderr.contains("`public.customers` has 99 rows instead of 100"), "{}", ran.text());
    assert!(place.beside().is_empty());
    place.run(&["restore", "dump.sql", "--yes", "--keep-scratch"]).exits(10);
    assert_eq!(place.beside().len(), 1);
    assert_eq!(place.number("SELECT count(*) FROM customers"), 100);
}

#[test]
fn a_script_reaches_nothing_but_the_database() {
    let place = Place::shop();
    place.dump("-Fp", "dump.sql");
    let text = std::fs::read_to_string(place.root().join("dump.sql")).unwrap();
    let plain: String =
        text.lines().filter(|line| !line.contains("restrict ")).map(|line| format!("{line}\n")).collect();
    let mark = place.root().join("reached");
    let evil = plain.replacen(
        "SET statement_timeout",
        &format!("\\! touch {}\nSET statement_timeout", mark.display()),
        1,
    );
    place.file("evil.sql", evil).file("plain.sql", plain);
    assert_ne!(place.run(&["restore", "evil.sql", "--yes"]).code, 0);
    assert!(!mark.exists());
    assert!(place.beside().is_empty());
    place.run(&["restore", "plain.sql", "--yes"]).exits(0);
}

#[test]
fn a_backup_of_everything_is_proved_on_trial_and_nothing_is_left() {
    let place = Place::new();
    place.sql(EVERYTHING);
    place.run(&["backup"]).exits(0);
    let databases = "SELECT count(*) FROM pg_database WHERE datname LIKE 'pgkeel_verify%' \
                     AND strpos(shobj_description(oid, 'pg_database'), current_database()) > 0";
    for level in ["2", "3"] {
        place.run(&["backup", "verify", "--level", level]).exits(0);
        assert_eq!(place.number(databases), 0);
    }
}

#[test]
fn an_owner_without_the_right_to_end_the_applications_sessions_is_told_the_grant() {
    let mut place = Place::new();
    place.file("pgkeel.toml", "");
    place.migration("20250101000000_shop", "CREATE TABLE customers (id int)", "DROP TABLE customers");
    let owner = Role::owner(&mut place, "CREATEDB");
    let application = Role::new(&mut place, "");
    place.run(&["deploy"]).exits(0);
    place.run(&["backup"]).exits(0);
    let mut session = {
        use diesel::Connection;
        diesel::PgConnection::establish(&application.url()).unwrap()
    };
    let ran = place.run(&["restore", "--yes"]);
    ran.exits(3);
    assert!(ran.text().contains("GRANT pg_signal_backend TO \"ROLE\";"), "{}", ran.text());
    place.sql(&format!("GRANT pg_signal_backend TO {}", owner.name));
    place.run(&["restore", "--yes"]).exits(0);
    assert!(diesel::connection::SimpleConnection::batch_execute(&mut session, "SELECT 1").is_err());
    drop(session);
    place.run(&["restore", "--drop-quarantine", "--yes"]).exits(0);
    drop((application, owner));
}

#[test]
fn a_database_that_is_gone_is_made_anew() {
    let place = Place::shop();
    place.run(&["backup"]).exits(0);
    let name = place.db.name.clone();
    {
        use diesel::Connection;
        use diesel::connection::SimpleConnection;
        let postgres = place.url_of("postgres");
        let mut admin = diesel::PgConnection::establish(&postgres).unwrap();
        admin.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).unwrap();
    }
    let ran = place.run(&["restore", "--yes"]);
    ran.exits(0);
    assert!(ran.stderr.contains("it will be a new one"), "{}", ran.text());
    assert_eq!(place.number("SELECT count(*) FROM customers"), 100);
    assert!(place.beside().is_empty());
}

#[test]
fn an_application_that_may_not_see_the_ledger_is_reached_all_the_same() {
    let mut place = Place::shop();
    let application = Role::new(&mut place, "");
    place.run(&["backup"]).exits(0);
    let direct = place.url_of(&place.db.name);
    place.connect_as(&application);
    let output = place.command(&["restore", "--yes", "--json"]).env("DIRECT_URL", direct).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["head"], "20250101000000", "{report}");
    drop(application);
}

#[test]
fn a_hostile_script_runs_nothing_on_this_machine() {
    let place = Place::shop();
    place.dump("-Fp", "dump.sql");
    let good = std::fs::read_to_string(place.root().join("dump.sql")).unwrap();
    let touch = format!("\\! touch {}/owned\n", place.root().display());
    let end = "--\n-- PostgreSQL database dump complete";
    let bare: String =
        good.lines().filter(|line| !line.contains("restrict ")).map(|l| format!("{l}\n")).collect();
    let scripts = [
        format!("{touch}{bare}"),
        bare.replace(end, &format!("{touch}{end}")),
        format!("/*\n\\restrict x\n*/\n{touch}{bare}"),
        format!("\\restrict K\n\\unrestrict K\n{touch}\\restrict K\n{bare}\\unrestrict K\n"),
        bare.replace(end, &format!("SELECT 1 \\unrestrict `touch {}/owned`\n;{end}", place.root().display())),
        format!("\\restrict `touch {}/owned`\n{bare}", place.root().display()),
    ];
    for script in scripts {
        place.file("hostile.sql", script);
        let ran = place.run(&["restore", "hostile.sql", "--yes"]);
        assert!(!place.root().join("owned").exists(), "{}", ran.text());
        assert!([1, 2, 10].contains(&ran.code), "{}", ran.text());
        assert!(place.beside().is_empty());
    }
    assert_eq!(place.number("SELECT count(*) FROM customers"), 100);
}

#[test]
fn a_dry_run_of_the_way_back_changes_nothing() {
    let place = Place::shop();
    place.run(&["backup"]).exits(0);
    place.run(&["restore", "--yes"]).exits(0);
    let (oid, beside) =
        (place.number("SELECT oid FROM pg_database WHERE datname = current_database()"), place.beside());
    for arguments in [["restore", "--undo", "--dry-run"], ["restore", "--drop-quarantine", "--dry-run"]] {
        let ran = place.run(&arguments);
        ran.exits(0);
        assert!(ran.stdout.contains(&beside[0]), "{}", ran.text());
        assert_eq!(place.beside(), beside);
    }
    assert_eq!(place.number("SELECT oid FROM pg_database WHERE datname = current_database()"), oid);
}

#[test]
fn what_is_neither_a_backup_nor_a_file_is_told_so() {
    let place = Place::shop();
    for arguments in
        [&["restore", "no/such.dump", "--yes"][..], &["rollback", "--to-backup", "no/such.dump", "--yes"]]
    {
        let ran = place.run(arguments);
        ran.exits(2);
        assert!(ran.stderr.contains("`no/such.dump` is neither a backup nor a file"), "{}", ran.text());
    }
}
