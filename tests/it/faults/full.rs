//! A disk that is full: below the backups at ten places of a backup, below the server during a restore. A message, nothing
//! half done, and with room again the same command comes to its end.

use std::collections::BTreeSet;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::Command;

use diesel::connection::SimpleConnection;
use nix::sys::statvfs::statvfs;
use nix::unistd::{User, geteuid};
use tempfile::TempDir;

use crate::support::cluster::private_cluster_with;

use super::stage::{BACK, Stage, Which};

/// The least that tmpfs gives to a file.
const PAGE: u64 = 4096;

/// A small file system in memory.
struct Small {
    dir: TempDir,
}

impl Small {
    /// `None` where nobody may mount one: that takes root.
    fn of_mib(size: u64) -> Option<Self> {
        let dir = crate::support::project::open_temp_dir();
        let mounted = geteuid().is_root()
            && ran("mount", &["-t", "tmpfs", "-o", &format!("size={size}m"), "tmpfs"], dir.path());
        mounted.then_some(Self { dir })
    }

    fn path(&self) -> PathBuf {
        self.dir.path().canonicalize().unwrap()
    }

    fn free(&self) -> u64 {
        let fs = statvfs(self.dir.path()).unwrap();
        fs.blocks_available() * fs.fragment_size()
    }

    /// Leave so many bytes.
    fn fill_but(&self, bytes: u64) {
        let file = std::fs::File::create(self.dir.path().join("filler")).unwrap();
        let size = self.free().saturating_sub(bytes);
        nix::fcntl::fallocate(&file, nix::fcntl::FallocateFlags::empty(), 0, size.cast_signed()).unwrap();
    }

    fn make_room(&self) {
        std::fs::remove_file(self.dir.path().join("filler")).unwrap();
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        // Also while a server that has just stopped still has a file of it open.
        ran("umount", &["-l"], self.dir.path());
    }
}

#[expect(clippy::disallowed_methods, reason = "file systems are the system's matter")]
fn ran(program: &str, arguments: &[&str], dir: &Path) -> bool {
    Command::new(program).args(arguments).arg(dir).output().is_ok_and(|output| output.status.success())
}

/// A backup that is cut off, with this room; what could not be written.
#[track_caller]
fn breaks(stage: &Stage, small: &Small, arguments: &[&str], room: u64) -> Option<String> {
    let child = stage.start(arguments, "backup-snapshot");
    small.fill_but(room);
    let (code, said) = stage.goes_on(child);
    small.make_room();
    if code == Some(0) {
        return None;
    }
    assert_eq!(code, Some(1), "{room}: {said}");
    assert!(said.contains("No space left on device"), "{room}: {said}");
    assert!(said.contains("the file system"), "{room}: {said}");
    assert!(
        said.contains("make room there (`pgkeel backup prune`), or write elsewhere: `--dir DIR`"),
        "{room}: {said}"
    );
    assert!(said.contains("no backup was made, and earlier ones are as they were"), "{room}: {said}");
    let file = ["SHA256SUMS", "manifest.json", "globals", "toc.dat", ".dat", "dump"];
    Some(file.into_iter().find(|file| said.contains(file)).unwrap_or("other").to_owned())
}

#[test]
fn a_backup_whose_disk_is_full_anywhere_leaves_nothing_and_spoils_nothing() {
    let stage = Stage::new();
    let small = Small::of_mib(64);
    let Some(small) = small else {
        // Without the right to mount: no file may grow beyond a limit.
        return with_a_limit(&stage);
    };
    let dir = small.path().join("backups");
    let arguments = ["backup", "--dir", dir.to_str().unwrap()];
    stage.place.run(&arguments).exits(0);
    let mut places = BTreeSet::new();
    let mut broken = 0;
    // One page more each time, until there is room.
    while let Some(place) = breaks(&stage, &small, &arguments, broken * PAGE) {
        places.insert(place);
        broken += 1;
        assert_eq!(stage.folders_in(&dir), 1, "{broken}");
    }
    assert!(broken >= 10, "{broken} of them broke: {places:?}");
    assert!(places.len() >= 3, "{places:?}");
    stage.place.run(&["backup", "verify", "--all", "--level", "1", "--dir", dir.to_str().unwrap()]).exits(0);
    assert_eq!(stage.folders_in(&dir), 2);
}

fn with_a_limit(stage: &Stage) {
    const WHY: &str = "no tmpfs could be mounted here: a limit on the size of files stands for it";
    for blocks in 0..10 {
        let line =
            format!("trap '' XFSZ; ulimit -f {blocks}; exec {} backup", crate::support::project::PGKEEL);
        #[expect(clippy::disallowed_methods, reason = "limits are a shell's matter")]
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", &line]).current_dir(stage.place.root()).env_clear();
        let command = stage.place.command(&[]);
        shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let output = shell.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{WHY}: {blocks}: {said}");
        assert!(said.contains("no backup was made"), "{WHY}: {blocks}: {said}");
        assert_eq!((stage.listed(WHY), stage.folders()), (1, 1), "{WHY}: {blocks}");
    }
    stage.backups_are_whole(WHY, 1);
}

#[test]
fn a_restore_for_which_the_server_has_no_room_leaves_the_old_database_and_nothing_else() {
    let Some(small) = Small::of_mib(128) else {
        // It takes a file system of its own, which only root may mount; elsewhere this much is known.
        assert!(!geteuid().is_root(), "root could not mount a tmpfs: nothing was proved of a full server");
        return;
    };
    let user = User::from_name("postgres").unwrap().expect("the server's user");
    let place = small.path().join("space");
    std::fs::create_dir(&place).unwrap();
    std::fs::set_permissions(small.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    chown(&place, Some(user.uid.as_raw()), Some(user.gid.as_raw())).unwrap();
    let cluster = private_cluster_with(|_| {});
    let mut admin = cluster.connect("postgres");
    admin.batch_execute(&format!("CREATE TABLESPACE small LOCATION '{}'", place.display())).unwrap();
    admin.batch_execute("CREATE DATABASE shop TABLESPACE small").unwrap();
    let stage = Stage::at(cluster.running.url("shop"), "shop");
    let known = std::cell::Cell::new(0);
    let cut_off = |point: &str, room: u64| {
        let what = format!("{room} bytes at {point}");
        let child = stage.start(&BACK, point);
        // What the server has only in memory would need room, too.
        stage.beside("CHECKPOINT");
        small.fill_but(room);
        let (code, said) = stage.goes_on(child);
        // Also to look takes room, for what the look makes.
        small.make_room();
        if code != Some(0) {
            assert_eq!(code, Some(1), "{what}: {said}");
            // The second is all that the server says where a session cannot begin.
            let why = ["No space left on device", "could not write init file"];
            assert!(why.iter().any(|why| said.contains(why)), "{what}: {said}");
            if said.contains("the server's disk is full") {
                assert!(said.contains("free disk space on the server"), "{what}: {said}");
                known.set(known.get() + 1);
            }
            assert_eq!(stage.which(&what), Which::Old);
            assert_eq!(stage.names("shop\\_%"), "", "{what}");
        }
        stage.is_settled(&what);
        code != Some(0)
    };
    assert!(cut_off("restore-created", 0));
    assert!(cut_off("restore-loading", 0));
    // First the new database finds no room, then its tables and indexes; in the end there is enough.
    let broken = (0..).take_while(|step| cut_off("restore-stopped", step * (512 << 10))).count();
    assert!(broken >= 4, "{broken}");
    // After the build of an index that failed, the server has room again.
    assert!(known.get() >= broken / 2, "{} of {broken}", known.get());
    assert_eq!(stage.which("with room"), Which::New);
}

#[test]
fn a_deploy_for_which_the_server_has_no_room_says_so_and_goes_on_once_there_is() {
    let Some(small) = Small::of_mib(64) else {
        assert!(!geteuid().is_root(), "root could not mount a tmpfs: nothing was proved of a full server");
        return;
    };
    let user = User::from_name("postgres").unwrap().expect("the server's user");
    let space = small.path().join("space");
    std::fs::create_dir(&space).unwrap();
    std::fs::set_permissions(small.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    chown(&space, Some(user.uid.as_raw()), Some(user.gid.as_raw())).unwrap();
    let cluster = private_cluster_with(|_| {});
    let mut admin = cluster.connect("postgres");
    admin.batch_execute(&format!("CREATE TABLESPACE small LOCATION '{}'", space.display())).unwrap();
    admin.batch_execute("CREATE DATABASE shop TABLESPACE small").unwrap();
    let mut project = crate::support::project::Project::new();
    project.connect_to(&cluster.running.url("shop"));
    project.migration(
        "20260101000000_much",
        "CREATE TABLE much AS SELECT repeat('x', 1000) FROM generate_series(1, 20000);",
        "DROP TABLE much;",
    );
    project.run(&["status"]).exits(4);
    small.fill_but(4 << 20);
    let ran = project.run(&["deploy"]);
    small.make_room();
    ran.exits(1);
    assert!(ran.stderr.contains("(SQLSTATE 53100: the server's disk is full)"), "{}", ran.text());
    assert!(ran.stderr.contains("next: free disk space on the server"), "{}", ran.text());
    project.run(&["deploy"]).exits(0);
}

#[test]
fn a_script_for_which_the_server_has_no_room_says_so_whatever_its_language() {
    let place = crate::support::restored::Place::shop();
    place.sql("CREATE TABLE much AS SELECT n, repeat('x', 100) x FROM generate_series(1, 50000) n");
    place.dump("-Fp", "dump.sql");
    let text = std::fs::read_to_string(place.root().join("dump.sql")).unwrap();
    let end = "--\n-- PostgreSQL database dump complete";
    for sqlstate in ["53100", "53200"] {
        // No disk is full: what counts is what the server calls it.
        let raise = format!("DO $$ BEGIN RAISE 'kein Platz' USING ERRCODE = '{sqlstate}'; END $$;\n\n{end}");
        place.file("full.sql", text.replace(end, &raise));
        let ran = place.run(&["restore", "full.sql", "--yes"]);
        let why =
            if sqlstate == "53100" { "the server's disk is full" } else { "the server is out of memory" };
        ran.exits(1);
        assert!(ran.stderr.contains(&format!("psql failed, as {why}: ")), "{}", ran.text());
        assert!(
            ran.stderr.contains("ERROR:  kein Platz") && !ran.stderr.contains("LOCATION"),
            "{}",
            ran.text()
        );
        assert!(place.beside().is_empty(), "{:?}", place.beside());
    }
}
