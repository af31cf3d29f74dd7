//! `backup`: what is taken, what is refused, and what is left of a run that ends early.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use insta::assert_snapshot;
use pgkeel::engine::backup::name::{folder_of, slug};
use pgkeel::pg::tools::{Tools, Wanted};
use serde_json::Value;

use crate::support::attver;
use crate::support::bouncer::Bouncer;
use crate::support::cluster::{private_cluster_with, search, unique};
use crate::support::project::Project;
use crate::support::role::Role;
use crate::support::skipped::skipped;

/// Tables of several kinds with a few rows.
const SHOP: &str = "CREATE TABLE customer (id serial PRIMARY KEY, name text, loud text GENERATED ALWAYS AS (upper(name)) STORED); \
     INSERT INTO customer (name) SELECT 'n' || n FROM generate_series(1, 1000) n; \
     CREATE TABLE \"Order 1\" (id bigint GENERATED ALWAYS AS IDENTITY, \"to\" text); \
     INSERT INTO \"Order 1\" (\"to\") VALUES (E'tab\\tand\\nline'), (NULL), ('\\.'); \
     CREATE TABLE empty (id int); CREATE TABLE bare (); INSERT INTO bare DEFAULT VALUES; \
     CREATE TABLE part (id int, at date) PARTITION BY RANGE (at); \
     CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM ('2026-01-01') TO ('2027-01-01'); \
     INSERT INTO part VALUES (1, '2026-05-05'); CREATE UNLOGGED TABLE quick (id int); INSERT INTO quick VALUES (1); \
     CREATE MATERIALIZED VIEW names AS SELECT name FROM customer; SELECT lo_from_bytea(0, 'large object');";

pub(super) fn shop() -> Project {
    let mut project = Project::new();
    project.shows(&folder_of(&project.db.name.clone()), "FOLDER");
    project.sql(SHOP);
    project
}

/// The one backup of a project.
pub(super) fn backup_of(project: &Project) -> PathBuf {
    let all = folders(&project.root().join("backups").join(folder_of(&project.db.name)));
    assert_eq!(all.len(), 1, "{all:?}");
    all.into_iter().next().unwrap()
}

pub(super) fn folders(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(dir) else { return vec![] };
    let mut all: Vec<PathBuf> =
        entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    all.sort();
    all
}

pub(super) fn manifest(backup: &Path) -> Value {
    serde_json::from_slice(&fs::read(backup.join("manifest.json")).unwrap()).unwrap()
}

pub(super) fn rows(manifest: &Value, table: &str) -> u64 {
    let mut tables = manifest["tables"].as_array().unwrap().iter();
    tables.find(|found| found["name"] == table).unwrap_or_else(|| panic!("{table}: {manifest}"))["rows"]
        .as_u64()
        .unwrap()
}

/// A shell line, with the programs of the tests' server, in a folder and against a server.
#[expect(clippy::disallowed_methods, reason = "the tests run what a person would type")]
pub(super) fn shell(line: &str, dir: &Path, project: &Project) -> Output {
    let pg = pgkeel::pg::tools::Tools::find(&search(), "pg_restore", pgkeel::pg::tools::Wanted::Any).unwrap();
    let path = format!("{}:/usr/bin:/bin", pg.path.parent().unwrap().display());
    let part = |name: &str| {
        let rest = project.db.url.split_once(&format!("{name}=")).map_or("", |(_, rest)| rest);
        rest.split('&').next().unwrap().replace("%2F", "/")
    };
    let user = project.words("current_user");
    let output = Command::new("sh")
        .args(["-c", line])
        .current_dir(dir)
        .env("PATH", path)
        .env("PGHOST", part("host"))
        .env("PGPORT", part("port"))
        .env("PGUSER", user)
        .output()
        .unwrap();
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

#[test]
fn a_backup_is_told_with_its_place_and_the_line_that_restores_it() {
    let mut project = shop();
    project.run(&["backup", "--dry-run"]).exits(0);
    assert!(!project.root().join("backups").exists(), "a dry run creates nothing");
    let ran = project.run(&["backup", "--label", "Pre Migration!"]);
    let id = backup_of(&project).file_name().unwrap().to_str().unwrap().to_owned();
    project.shows(&id[id.len() - 6..], "RANDOM");
    assert_snapshot!(project.shown(&ran.stdout, &ran.stderr, ran.code), @"
    exit 0
    --- stdout
    took BACKUP of `DB` (N KiB in N ms)
      holds    1006 rows of 6 tables; all of it read back (L1)
      lies in  ROOT/backups/FOLDER/BACKUP
      restore  pgkeel restore BACKUP
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
}

#[test]
fn the_manifest_says_what_is_in_it() {
    let project = shop();
    let ran = project.run(&["backup", "--json"]);
    ran.exits(0);
    let json = ran.json();
    let backup = backup_of(&project);
    assert_eq!(json["path"], backup.to_str().unwrap());
    let manifest = manifest(&backup);
    let counted =
        ["customer", "Order 1", "empty", "bare", "part_1", "quick"].map(|table| rows(&manifest, table));
    assert_eq!(counted, [1000, 3, 0, 1, 1, 1]);
    let customer =
        manifest["tables"].as_array().unwrap().iter().find(|table| table["name"] == "customer").unwrap();
    assert_eq!(customer["columns"], "(id, name)");
    let order =
        manifest["tables"].as_array().unwrap().iter().find(|table| table["name"] == "Order 1").unwrap();
    assert_eq!(order["columns"], "(id, \"to\")");
    assert_eq!(manifest["tables"].as_array().unwrap().len(), 6, "{manifest}");
    assert_eq!(manifest["largeObjects"], serde_json::json!({ "count": 1, "bytes": 12 }));
    assert_eq!(manifest["sequences"][1]["lastValue"], 1000, "{manifest}");
    assert_eq!(manifest["verifications"][0]["level"], "L1");
    assert_eq!((manifest["sequence"].as_u64(), manifest["scope"].as_str()), (Some(1), Some("full")));
    assert_eq!(manifest["schemaSha256"].as_str().map(str::len), Some(64));
    // The clock of the tests stands still: only the number tells the order.
    project.run(&["backup"]).exits(0);
    let all = folders(backup.parent().unwrap());
    let mut numbers: Vec<_> =
        all.iter().map(|one| self::manifest(one)["sequence"].as_u64().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2]);
}

#[test]
fn stock_tools_restore_it_by_the_lines_that_the_manifest_holds() {
    let project = shop();
    for arguments in [&["backup"][..], &["backup", "--plain"]] {
        project.run(arguments).exits(0);
        let backup = backup_of(&project);
        // An older server does not take the settings that its clients' pg_restore begins with.
        let clients = Tools::find(&search(), "pg_restore", Wanted::Any).unwrap().version.major;
        if i64::from(clients) > project.number("current_setting('server_version_num')::int / 10000") {
            skipped("stock pg_restore of a later major");
            return;
        }
        let target = format!("{}_restored", slug(&project.db.name));
        for line in manifest(&backup)["byHand"].as_array().unwrap() {
            shell(line.as_str().unwrap(), &backup, &project);
        }
        let dump = |name: &str| {
            let line = format!("pg_dump --no-sync {name} | grep -v restrict");
            attver::left_out(&String::from_utf8(shell(&line, &backup, &project).stdout).unwrap())
        };
        assert!(dump(&project.db.name) == dump(&target), "{arguments:?}: what was restored differs");
        project.sql(&format!("DROP DATABASE {target}"));
        fs::remove_dir_all(project.root().join("backups")).unwrap();
    }
}

#[test]
fn the_schema_or_the_rows_alone_are_backups_too() {
    let project = shop();
    project.run(&["backup", "--schema-only"]).exits(0);
    let found = manifest(&backup_of(&project));
    assert_eq!((found["scope"].as_str(), found["tables"].as_array().unwrap().len()), (Some("schema"), 0));
    fs::remove_dir_all(project.root().join("backups")).unwrap();
    let ran = project.run(&["backup", "--data-only"]);
    assert!(
        ran.exits(0).stdout.contains("it is restored into the one that the database has"),
        "{}",
        ran.text()
    );
    let found = manifest(&backup_of(&project));
    assert_eq!((found["scope"].as_str(), rows(&found, "customer")), (Some("data"), 1000));
}

/// A run that a shell starts after it has done something; its exit code, and what went wrong.
fn through_a_shell(project: &Project, first: &str, arguments: &str) -> (Option<i32>, String) {
    #[expect(clippy::disallowed_methods, reason = "umask and limits are a shell's matter")]
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", &format!("{first}; exec {} --quiet {arguments}", crate::support::project::PGKEEL)]);
    shell.current_dir(project.root()).env_clear();
    let command = project.command(&[]);
    shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = shell.output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_run_that_cannot_write_on_leaves_nothing_and_spoils_nothing() {
    for arguments in ["backup", "backup --plain"] {
        let project = shop();
        project.run(&["backup"]).exits(0);
        let first = backup_of(&project);
        let before = fs::read(first.join("manifest.json")).unwrap();
        let mut failed = 0;
        // No file may grow larger than so many blocks of 512 bytes.
        for blocks in 0..200 {
            let (code, stderr) =
                through_a_shell(&project, &format!("trap '' XFSZ; ulimit -f {blocks}"), arguments);
            if code == Some(0) {
                break;
            }
            failed += 1;
            assert!(matches!(code, Some(1 | 10)), "{blocks}: {code:?} {stderr}");
            assert!(
                stderr.contains("no backup was made, and earlier ones are as they were"),
                "{blocks}: {stderr}"
            );
            assert_eq!(backup_of(&project), first, "{blocks}: {stderr}");
        }
        assert!(failed > 5, "{failed}");
        assert_eq!(fs::read(first.join("manifest.json")).unwrap(), before);
        shell("sha256sum --check --quiet SHA256SUMS", &first, &project);
    }
}

#[test]
fn nobody_else_can_read_it_whatever_the_umask() {
    let project = shop();
    for arguments in ["backup", "backup --plain"] {
        assert_eq!(through_a_shell(&project, "umask 0", arguments), (Some(0), String::new()));
    }
    let root = project.root().join("backups");
    let mut wide = Vec::new();
    let mut left = vec![root];
    while let Some(path) = left.pop() {
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o7777;
        if mode != if path.is_dir() { 0o700 } else { 0o600 } {
            wide.push(format!("{} {mode:o}", path.display()));
        }
        if path.is_dir() {
            left.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        }
    }
    assert!(wide.is_empty(), "{wide:?}");
}

#[test]
fn a_link_where_the_folder_should_be_is_refused() {
    let mut project = shop();
    let elsewhere = tempfile::tempdir().unwrap();
    fs::create_dir(project.root().join("backups")).unwrap();
    symlink(elsewhere.path(), project.root().join("backups").join(folder_of(&project.db.name))).unwrap();
    project.shows(elsewhere.path().to_str().unwrap(), "ELSEWHERE");
    assert_snapshot!(project.run(&["backup"]).text(), @"
    exit 3
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: `ROOT/backups/FOLDER` is a symbolic link: pgkeel writes a backup only below folders of its own
    next: make it a folder of yours that nobody else can write to, or write elsewhere: `--dir DIR`
    ");
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
}

#[test]
fn no_name_of_a_database_leads_out_of_the_folder() {
    let project = Project::new();
    for name in ["../../evil", "a=b", "it's \"q\"", "..", "host=x dbname=y"] {
        let name = format!("{name}{}", unique("n"));
        let quoted = format!("\"{}\"", name.replace('"', "\"\""));
        project.sql(&format!("CREATE DATABASE {quoted}"));
        let escaped: String = name.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let (before, after) = project.db.url.split_once(&format!("/{}", project.db.name)).unwrap();
        let url = format!("{before}/{escaped}{after}");
        let other = Project::new().url(&url);
        let ran = other.run(&["backup", "--json"]);
        ran.exits(0);
        let path = PathBuf::from(ran.json()["path"].as_str().unwrap());
        assert_eq!(path.parent().unwrap().parent().unwrap(), other.root().join("backups"));
        assert_eq!(manifest(&path)["source"]["database"], name);
        project.sql(&format!("DROP DATABASE {quoted}"));
    }
}

#[test]
fn rows_that_policies_hide_are_never_left_out_in_silence() {
    let mut project = shop();
    let role = Role::new(&mut project, "");
    project.sql(&format!(
        "ALTER TABLE customer ENABLE ROW LEVEL SECURITY; CREATE POLICY few ON customer USING (id < 5); \
         GRANT SELECT ON ALL TABLES IN SCHEMA public TO {0}; GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO {0}",
        role.name
    ));
    project.connect_as(&role);
    assert_snapshot!(project.run(&["backup"]).text(), @r#"
    exit 3
    --- stderr
    database `DB` on TCP as `ROLE` (`DATABASE_URL` in the environment)
    error: row security hides rows of public.customer from role `ROLE`: the backup would lack them in silence
    next: take it as the owner of the tables, or as a role with BYPASSRLS: ALTER ROLE "ROLE" BYPASSRLS;
    "#);
    assert!(!project.root().join("backups").exists());
}

#[test]
fn what_the_role_may_not_read_is_named_with_the_grant() {
    let mut project = shop();
    let role = Role::new(&mut project, "");
    project.sql(&format!("GRANT SELECT ON customer TO {}", role.name));
    project.connect_as(&role);
    assert_snapshot!(project.run(&["backup"]).text(), @r#"
    exit 3
    --- stderr
    database `DB` on TCP as `ROLE` (`DATABASE_URL` in the environment)
    error: role `ROLE` may not read public."Order 1", public."Order 1_id_seq", public.bare, public.customer_id_seq, public.empty and 3 more
    next: take it as the owner, or ask for: GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO ROLE; GRANT SELECT ON ALL TABLES IN SCHEMA public TO ROLE;
    "#);
}

#[test]
fn a_role_that_may_only_read_takes_one() {
    let mut project = shop();
    let role = Role::new(&mut project, "");
    project.sql(&format!(
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO {0}; GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO {0}; \
         SELECT lo_unlink(oid) FROM pg_largeobject_metadata",
        role.name
    ));
    project.connect_as(&role);
    project.run(&["backup"]).exits(0);
    assert_eq!(rows(&manifest(&backup_of(&project)), "customer"), 1000);
    assert_eq!(project.number("SELECT count(*) FROM pg_namespace WHERE nspname = 'pgkeel'"), 0);
}

#[test]
fn a_pooler_is_refused_by_both_its_modes() {
    for mode in ["transaction", "session"] {
        let project = shop();
        let bouncer = Bouncer::start(mode, &project.db);
        let url = bouncer.url(&project.db);
        let other = Project::new().url(&url);
        let ran = other.run(&["backup"]);
        ran.exits(2);
        assert!(ran.stderr.contains("DIRECT_URL"), "{mode}: {}", ran.text());
        assert!(!other.root().join("backups").exists());
    }
}

#[test]
fn what_cannot_be_asked_for_is_refused_before_anything_is_created() {
    let project = shop();
    let check = |arguments: &[&str], code: i32, says: &str| {
        let ran = project.run(&[&["backup"], arguments].concat());
        ran.exits(code);
        assert!(ran.stderr.contains(says), "{}", ran.text());
        assert!(!project.root().join("backups").exists());
    };
    check(&["--compression", "brotli"], 2, "is no compression");
    check(&["--encrypt-to", "age1nonsense"], 2, "is no public key of age");
    if project.number("SELECT current_setting('server_version_num')::int / 10000") < 16 {
        check(&["--compression", "zstd:3"], 9, "was built without `zstd:3`");
    }
}

#[test]
fn a_server_that_cannot_lock_so_many_tables_is_told_the_setting() {
    use diesel::connection::SimpleConnection;
    let cluster = private_cluster_with(|spec| {
        for (name, value) in [("max_locks_per_transaction", "10"), ("max_connections", "10")] {
            spec.settings.push((name.to_owned(), value.to_owned()));
        }
    });
    let mut connection = cluster.connect("postgres");
    // In three transactions: one could not lock them either.
    for part in 0..3 {
        let create = format!("FOR n IN 1..50 LOOP EXECUTE format('CREATE TABLE t{part}_%s ()', n); END LOOP");
        connection.batch_execute(&format!("DO $$ BEGIN {create}; END $$")).unwrap();
    }
    let project = Project::new().url(&cluster.running.url("postgres"));
    let ran = project.run(&["backup"]);
    let says = "a backup locks 150 tables and sequences, and the server has room for about 100 locks: \
                max_locks_per_transaction must be 17 at least";
    assert!(ran.exits(1).stderr.contains(says), "{}", ran.text());
    assert!(!project.root().join("backups").exists());
}

/// A key of age, as a file and as text.
fn key(project: &Project, name: &str) -> (PathBuf, String) {
    use age::secrecy::ExposeSecret;
    let key = age::x25519::Identity::generate();
    project.file(name, format!("{}\n", key.to_string().expose_secret()));
    (project.root().join(name), key.to_public().to_string())
}

#[test]
fn what_is_encrypted_is_nowhere_in_the_clear_and_decrypts_to_an_archive() {
    use std::io::Read;
    for plain in [false, true] {
        let project = shop();
        let ((file, ours), (_, escrow)) = (key(&project, "key.txt"), key(&project, "escrow.txt"));
        let mut arguments = vec!["backup", "--encrypt-to", &ours, "--encrypt-to", &escrow];
        arguments.extend(plain.then_some("--plain"));
        project.run(&arguments).exits(0);
        let backup = backup_of(&project);
        let dump = if plain { "dump.sql.age" } else { "dump.pgdump.age" };
        let mut names: Vec<_> =
            fs::read_dir(&backup).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        let mut expected = ["SHA256SUMS", dump, "globals.sql.age", "manifest.json"];
        expected.sort_unstable();
        assert_eq!(names, expected);
        shell("sha256sum --check --quiet SHA256SUMS", &backup, &project);
        let manifest = manifest(&backup);
        assert_eq!(
            (rows(&manifest, "customer"), manifest["encryption"]["recipients"][0].as_str()),
            (1000, Some(ours.as_str()))
        );
        let keys =
            age::IdentityFile::from_file(file.to_str().unwrap().into()).unwrap().into_identities().unwrap();
        let sealed = age::Decryptor::new(fs::File::open(backup.join(dump)).unwrap()).unwrap();
        let mut opened = Vec::new();
        let mut reader = sealed.decrypt(keys.iter().map(|key| key.as_ref() as &dyn age::Identity)).unwrap();
        reader.read_to_end(&mut opened).unwrap();
        project.file("opened", opened);
        let line = if plain { "grep TABLE opened" } else { "pg_restore -l opened" };
        let list = String::from_utf8(shell(line, &project.root(), &project).stdout).unwrap();
        assert!(list.contains("customer"), "{list}");
    }
}
