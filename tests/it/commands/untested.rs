//! A server that is newer than the newest one that pgkeel is tested with: one warning, and the work is done.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use pgkeel::pg::cluster::SERVER_VERSIONS;
use pgkeel::pg::tools::{Program, Tools, Wanted};

use crate::support::cluster::{TestDb, base, number, search};
use crate::support::newer;
use crate::support::project::Project;
use crate::support::reaper::Lease;
use crate::support::skipped::skipped;

const NOTE: (&str, &str, &str) = ("20260101000000_note", "CREATE TABLE note (id int);", "DROP TABLE note;");
const WARNING: &str = "warning: PostgreSQL 20 is newer than 19, the newest version that this pgkeel is tested with: it may \
                       miss what is new in 20";

fn warnings(stderr: &str) -> Vec<&str> {
    stderr.lines().filter(|line| line.starts_with("warning: ")).collect()
}

#[test]
fn a_server_newer_than_the_tested_ones_is_warned_of_once_and_works() {
    let db = TestDb::new();
    let major =
        number(&mut db.connect(), "SELECT current_setting('server_version_num')::bigint / 10000 AS value");
    if major < 17 {
        // It lacks settings that a server of that version has.
        return skipped("a_server_newer_than_the_tested_ones_is_warned_of_once_and_works");
    }
    let project = Project::with_migrations(&[NOTE]).url(&newer::url(&db));
    for command in [&["deploy"][..], &["status"], &["deploy", "--dry-run"], &["rollback", "--yes"]] {
        let ran = project.run(command);
        assert_eq!(warnings(&ran.exits(0).stderr), [WARNING], "{}", ran.text());
    }
    let ran = project.run(&["status", "--quiet", "--exit-zero"]);
    assert_eq!(warnings(&ran.exits(0).stderr), [""; 0], "{}", ran.text());
}

/// Programs that say that they are of PostgreSQL 20.
fn programs_of_20(dir: &Path, real: &Program) {
    for name in ["postgres", "initdb", "psql"] {
        let program = Tools::find(&search(), name, Wanted::Major(real.version.major)).unwrap();
        let script = format!(
            "#!/bin/sh\ncase \"$1\" in --version|-V) echo '{name} (PostgreSQL) 20devel{}';; \
             *) exec '{}' \"$@\";; esac\n",
            real.version,
            program.path.display()
        );
        std::fs::write(dir.join(name), script).unwrap();
        std::fs::set_permissions(dir.join(name), std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_dev_cluster_of_a_newer_version_starts_with_a_warning() {
    let real = Tools::find(&search(), "postgres", SERVER_VERSIONS).unwrap();
    let programs = tempfile::tempdir().unwrap();
    programs_of_20(programs.path(), &real);
    let _lease = Lease::take(&base());
    let project = Project::with_migrations(&[NOTE])
        .url("")
        .env("PGKEEL_STATE_DIR", base().to_str().unwrap())
        .env("PGKEEL_PG_BIN", programs.path().to_str().unwrap());
    let started = project.run(&["dev", "start"]);
    let status = project.run(&["dev", "status"]);
    let deployed = project.run(&["deploy", "--dev"]);
    project.run(&["dev", "destroy", "--yes"]).exits(0);
    for ran in [&started, &status, &deployed] {
        assert_eq!(warnings(&ran.exits(0).stderr), [WARNING], "{}", ran.text());
    }
    assert!(started.stdout.contains("(PostgreSQL 20devel"), "{}", started.text());
}
