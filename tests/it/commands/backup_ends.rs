//! What a backup holds when others write meanwhile, and what is left of one that is interrupted, killed or damaged.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use pgkeel::engine::backup::name::folder_of;

use crate::support::poll;
use crate::support::project::Project;
use crate::support::role::Role;

use super::backup::{backup_of, folders, manifest, rows, shell, shop};

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
