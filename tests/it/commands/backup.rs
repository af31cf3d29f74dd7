//! `backup`: what is taken, what is refused, and what is left of a run that ends early.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use insta::assert_snapshot;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use pgkeel::engine::backup::name::{folder_of, slug};
use serde_json::Value;

use crate::support::bouncer::Bouncer;
use crate::support::cluster::{search, unique};
use crate::support::poll;
use crate::support::project::Project;
use crate::support::role::Role;

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

fn shop() -> Project {
    let mut project = Project::new();
    project.shows(&folder_of(&project.db.name.clone()), "FOLDER");
    project.sql(SHOP);
    project
}

/// The one backup of a project.
fn backup_of(project: &Project) -> PathBuf {
    let all = folders(&project.root().join("backups").join(folder_of(&project.db.name)));
    assert_eq!(all.len(), 1, "{all:?}");
    all.into_iter().next().unwrap()
}

fn folders(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(dir) else { return vec![] };
    let mut all: Vec<PathBuf> =
        entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    all.sort();
    all
}

fn manifest(backup: &Path) -> Value {
    serde_json::from_slice(&fs::read(backup.join("manifest.json")).unwrap()).unwrap()
}

fn rows(manifest: &Value, table: &str) -> u64 {
    let mut tables = manifest["tables"].as_array().unwrap().iter();
    tables.find(|found| found["name"] == table).unwrap_or_else(|| panic!("{table}: {manifest}"))["rows"]
        .as_u64()
        .unwrap()
}

/// A shell line, with the programs of the tests' server, in a folder and against a server.
#[expect(clippy::disallowed_methods, reason = "the tests run what a person would type")]
fn shell(line: &str, dir: &Path, project: &Project) -> Output {
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
        let target = format!("{}_restored", slug(&project.db.name));
        for line in manifest(&backup)["byHand"].as_array().unwrap() {
            shell(line.as_str().unwrap(), &backup, &project);
        }
        let dump = |name: &str| {
            let line = format!("pg_dump --no-sync {name} | grep -v restrict");
            String::from_utf8(shell(&line, &backup, &project).stdout).unwrap()
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
    assert!(ran.exits(0).stdout.contains("cannot bring the database back"), "{}", ran.text());
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
    next: remove it, or write elsewhere: `--dir DIR`
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

/// A run that stops at a point, as `PGKEEL_FAULT` names it.
fn stopped_at(project: &Project, point: &str, arguments: &[&str]) -> (std::process::Child, PathBuf) {
    let flag = project.root().join("fault");
    let mut command = project.command(arguments);
    command.env("PGKEEL_FAULT", format!("{point}:{}", flag.display()));
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    poll::until(20, point, || flag.exists().then_some(()));
    (child, flag)
}

fn ended(child: std::process::Child) -> (Option<i32>, String) {
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn what_changes_between_snapshot_and_lock_is_seen_and_begun_again() {
    for change in [
        "TRUNCATE customer",
        "DROP TABLE customer CASCADE",
        "ALTER TABLE \"Order 1\" ALTER id TYPE int",
        "ALTER TABLE \"Order 1\" DROP \"to\"",
        "ALTER TABLE empty RENAME TO nothing",
    ] {
        let project = shop();
        let (child, flag) = stopped_at(&project, "backup-snapshot", &["backup"]);
        project.sql(change);
        fs::remove_file(flag).unwrap();
        let (code, stderr) = ended(child);
        assert_eq!(code, Some(0), "{change}: {stderr}");
        assert!(stderr.contains("changed or dropped while the backup began"), "{change}: {stderr}");
        let manifest = manifest(&backup_of(&project));
        if change.starts_with("TRUNCATE") {
            // The second snapshot sees it.
            assert_eq!(rows(&manifest, "customer"), 0);
        }
    }
}

#[test]
fn a_table_that_is_created_meanwhile_is_in_the_next_one() {
    let project = shop();
    let (child, flag) = stopped_at(&project, "backup-snapshot", &["backup"]);
    project.sql("CREATE TABLE later (id int); INSERT INTO later VALUES (1); INSERT INTO customer (name) VALUES ('later')");
    fs::remove_file(flag).unwrap();
    assert_eq!(ended(child).0, Some(0));
    let manifest = manifest(&backup_of(&project));
    assert_eq!((rows(&manifest, "customer"), manifest["tables"].as_array().unwrap().len()), (1000, 6));
}

#[test]
fn counts_equal_the_dump_while_others_write() {
    let project = shop();
    let (child, flag) = stopped_at(&project, "backup-snapshot", &["backup"]);
    // After the snapshot: nothing of it may show.
    project.sql("INSERT INTO customer (name) SELECT 'late' FROM generate_series(1, 500); DELETE FROM customer WHERE id < 10");
    fs::remove_file(flag).unwrap();
    assert_eq!(ended(child).0, Some(0));
    let backup = backup_of(&project);
    let manifest = manifest(&backup);
    let line = "pg_restore -f - -t customer --data-only dump | grep -c '\tn[0-9]*$'";
    let dumped = String::from_utf8(shell(line, &backup, &project).stdout).unwrap();
    assert_eq!((rows(&manifest, "customer"), dumped.trim()), (1000, "1000"));
    // The sequence went on before pg_dump looked, and the manifest says what pg_dump wrote.
    let sequences = manifest["sequences"].as_array().unwrap();
    let sequence = sequences.iter().find(|sequence| sequence["name"] == "customer_id_seq").unwrap();
    assert_eq!(sequence["lastValue"], 1500);
}

const POINTS: [&str; 7] = [
    "backup-snapshot",
    "backup-dumping",
    "backup-dumped",
    "backup-checked",
    "backup-before-manifest",
    "backup-before-rename",
    "backup-after-rename",
];

#[test]
fn ctrl_c_leaves_nothing_at_all() {
    for point in &POINTS[..4] {
        let project = shop();
        let (child, flag) = stopped_at(&project, point, &["backup"]);
        kill(Pid::from_raw(child.id().cast_signed()), Signal::SIGINT).unwrap();
        // The signal is there before the run goes on.
        std::thread::sleep(std::time::Duration::from_millis(100));
        fs::remove_file(flag).unwrap();
        let (code, stderr) = ended(child);
        let left = folders(&project.root().join("backups").join(folder_of(&project.db.name)));
        assert_eq!((code, left.len()), (Some(130), 0), "{point}: {stderr}");
        is_left_alone(&project);
    }
}

/// No session of a backup is left in the database.
fn is_left_alone(project: &Project) {
    poll::until(20, "the backends are gone", || {
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgkeel backup' AND datname = current_database()";
        (project.number(sql) == 0).then_some(())
    });
}

#[test]
fn a_run_that_is_killed_leaves_no_backup_or_a_whole_one() {
    for point in POINTS {
        let project = shop();
        let (mut child, _) = stopped_at(&project, point, &["backup"]);
        child.kill().unwrap();
        child.wait().unwrap();
        is_left_alone(&project);
        let left = folders(&project.root().join("backups").join(folder_of(&project.db.name)));
        let partial: Vec<_> =
            left.iter().filter(|path| path.to_str().unwrap().ends_with(".partial")).collect();
        match point {
            "backup-snapshot" => assert_eq!(left.len(), 0, "{point}"),
            "backup-after-rename" => assert_eq!((left.len(), partial.len()), (1, 0), "{point}"),
            _ => {
                assert_eq!((left.len(), partial.len()), (1, 1), "{point}");
                assert!(pgkeel::engine::backup::folder::is_abandoned(partial[0]).unwrap());
            }
        }
        fs::remove_file(project.root().join("fault")).unwrap();
        project.run(&["backup"]).exits(0);
    }
}

#[test]
fn a_partial_of_a_running_backup_is_not_abandoned() {
    let project = shop();
    let (child, flag) = stopped_at(&project, "backup-dumped", &["backup"]);
    let partial = backup_of(&project);
    assert!(!pgkeel::engine::backup::folder::is_abandoned(&partial).unwrap());
    // A second one waits, or says who is in the way.
    let ran = project.run(&["backup", "--lock-wait", "0s"]);
    assert!(ran.exits(7).stderr.contains(&format!("(pid {})", child.id())), "{}", ran.text());
    fs::remove_file(flag).unwrap();
    assert_eq!(ended(child).0, Some(0));
}

#[test]
fn a_deploy_waits_for_a_running_backup_and_names_it() {
    let project = shop();
    project.migration("20260101000000_more", "CREATE TABLE more (id int);", "DROP TABLE more;");
    let (child, flag) = stopped_at(&project, "backup-dumping", &["backup"]);
    let ran = project.run(&["deploy", "--lock-wait", "1s"]);
    assert!(ran.exits(7).stderr.contains("application pgkeel backup"), "{}", ran.text());
    fs::remove_file(flag).unwrap();
    assert_eq!(ended(child).0, Some(0));
    project.run(&["deploy"]).exits(0);
    project.run(&["backup"]).exits(0);
    let all = folders(&project.root().join("backups").join(folder_of(&project.db.name)));
    let newest = all.iter().map(|one| manifest(one)).find(|one| one["sequence"] == 2).unwrap();
    assert_eq!(newest["migrations"]["applied"], serde_json::json!(["20260101000000"]));
    assert!(newest["id"].as_str().unwrap().contains("-manual-20260101000000-"), "{newest}");
}

#[test]
fn a_damaged_file_is_found_before_it_is_a_backup() {
    let project = shop();
    let (child, flag) = stopped_at(&project, "backup-dumped", &["backup"]);
    let partial = backup_of(&project);
    let files = fs::read_dir(partial.join("dump")).unwrap().map(|entry| entry.unwrap().path());
    let data = files
        .filter(|path| path.to_str().unwrap().contains(".dat"))
        .max_by_key(|path| fs::metadata(path).unwrap().len());
    let data = data.unwrap();
    let bytes = fs::read(&data).unwrap();
    fs::write(&data, &bytes[..bytes.len() / 2]).unwrap();
    fs::remove_file(flag).unwrap();
    let (code, stderr) = ended(child);
    assert_eq!(code, Some(10), "{stderr}");
    assert!(stderr.contains("no backup was made"), "{stderr}");
    assert_eq!(folders(partial.parent().unwrap()).len(), 0);
}

/// A backup whose pg_dump waits for a sequence that another session is about to drop: nothing else can hold it up, since
/// the backup holds locks on all tables by then.
#[cfg(target_os = "linux")]
struct Held {
    child: std::process::Child,
    session: diesel::PgConnection,
}

#[cfg(target_os = "linux")]
impl Held {
    fn new(project: &Project, arguments: &[&str]) -> Self {
        use diesel::connection::SimpleConnection;
        project.sql("CREATE SEQUENCE held");
        let (child, flag) = stopped_at(project, "backup-snapshot", arguments);
        let mut session = project.db.connect();
        session.batch_execute("BEGIN; DROP SEQUENCE held").unwrap();
        fs::remove_file(flag).unwrap();
        poll::until(20, "pg_dump waits", || {
            let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
            (project.number(sql) > 0).then_some(())
        });
        Self { child, session }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_ends_pg_dump_and_its_backends() {
    for arguments in [&["backup"][..], &["backup", "--plain"]] {
        let project = shop();
        let Held { child, session } = Held::new(&project, arguments);
        kill(Pid::from_raw(child.id().cast_signed()), Signal::SIGINT).unwrap();
        let (code, stderr) = ended(child);
        let left = folders(&project.root().join("backups").join(folder_of(&project.db.name)));
        assert_eq!((code, left.len()), (Some(130), 0), "{stderr}");
        is_left_alone(&project);
        drop(session);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_run_that_is_killed_takes_pg_dump_with_it() {
    let project = shop();
    let Held { mut child, session } = Held::new(&project, &["backup"]);
    child.kill().unwrap();
    child.wait().unwrap();
    is_left_alone(&project);
    drop(session);
}

/// What is in the command lines and environments of all other processes.
#[cfg(target_os = "linux")]
fn told(secret: &str, ours: u32) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let pid = entry.file_name().to_string_lossy().into_owned();
        let others = pid.bytes().all(|byte| byte.is_ascii_digit()) && pid != ours.to_string();
        for file in ["cmdline", "environ"].into_iter().filter(|_| others) {
            let text = fs::read(entry.path().join(file)).unwrap_or_default();
            if String::from_utf8_lossy(&text).contains(secret) {
                found.push(format!("{pid} {file}: {}", String::from_utf8_lossy(&text)));
            }
        }
    }
    found
}

#[cfg(target_os = "linux")]
#[test]
fn no_other_process_is_told_the_password() {
    let mut project = shop();
    // As it is in the URL, and as it is.
    let (written, secret) = ("p%3Aw%5C%27%20%2F%40s3cret", "p:w\\' /@s3cret");
    let role = Role::with_password(&mut project, "SUPERUSER", "first");
    project.sql(&format!(
        "ALTER ROLE {} PASSWORD E'{}'",
        role.name,
        secret.replace('\\', "\\\\").replace('\'', "''")
    ));
    let url = role.url().replace(":first@", &format!(":{written}@"));
    project.connect_to(&url);
    let held = Held::new(&project, &["backup", "--json"]);
    let child = held.child;
    let found: Vec<_> =
        ["p%3Aw", "p:w", "s3cret"].iter().flat_map(|secret| told(secret, child.id())).collect();
    assert_eq!(found, Vec::<String>::new());
    drop(held.session);
    let output = child.wait_with_output().unwrap();
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(!said.contains("s3cret"), "{said}");
    let text = fs::read_to_string(backup_of(&project).join("manifest.json")).unwrap();
    assert!(!text.contains("s3cret"), "{text}");
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
