//! A FIFO, a device or a socket in the place of a file is refused, and nothing waits for it.

use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use nix::sys::stat::Mode;

use crate::support::poll;
use crate::support::project::Project;
use crate::support::restored::{Place, key};

/// Its exit code and what it said; a program that waits is ended.
fn ends(project: &Project, words: &[&str]) -> (i32, String) {
    let mut command = project.command(words);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (mut stdout, mut stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let reader = std::thread::spawn(move || {
        let mut said = String::new();
        std::io::Read::read_to_string(&mut stderr, &mut said).unwrap();
        std::io::Read::read_to_string(&mut stdout, &mut said).unwrap();
        said
    });
    for _ in 0..300 {
        if let Some(status) = child.try_wait().unwrap() {
            return (status.code().unwrap(), reader.join().unwrap());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    child.kill().unwrap();
    panic!("`{}` waits", words.join(" "));
}

const KINDS: [&str; 3] = ["a FIFO", "a socket", "a symbolic link"];

fn put(kind: &str, path: &Path) {
    if path.exists() {
        std::fs::remove_file(path).unwrap();
    }
    match kind {
        "a FIFO" => nix::unistd::mkfifo(path, Mode::S_IRWXU).unwrap(),
        // A device in the place, as a link: to make one takes root.
        "a symbolic link" => symlink("/dev/zero", path).unwrap(),
        _ => drop(bound(path)),
    }
}

/// A path of a socket is short.
fn bound(path: &Path) -> UnixListener {
    let short = tempfile::tempdir().unwrap();
    symlink(path.parent().unwrap(), short.path().join("d")).unwrap();
    UnixListener::bind(short.path().join("d").join(path.file_name().unwrap())).unwrap()
}

fn first_data(dir: &Path) -> PathBuf {
    let mut all: Vec<_> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.retain(|path| path.file_name().unwrap() != "toc.dat");
    all.sort();
    all.remove(0)
}

#[test]
fn nothing_but_files_is_read_in_a_backup() {
    for kind in KINDS {
        let place = Place::shop();
        for file in ["manifest.json", "SHA256SUMS", "dump/toc.dat", "rows", "more"] {
            place.run(&["backup", "--label", "one"]).exits(0);
            let dir = place.backups("backups").remove(0);
            let path = match file {
                "rows" => first_data(&dir.join("dump")),
                file => dir.join(file),
            };
            put(kind, &path);
            let given = dir.to_str().unwrap();
            let id = dir.file_name().unwrap().to_str().unwrap().to_owned();
            for words in [
                &["restore", given, "--yes"][..],
                &["restore", &id, "--yes"],
                &["restore", given, "--in-place", "--no-backup", "--yes"],
                &["backup", "verify", &id, "--level", "1"],
                &["backup", "verify", &id, "--level", "2"],
            ] {
                let (code, said) = ends(&place, words);
                assert!([1, 2, 10].contains(&code), "{kind} {file} {words:?}: {code} {said}");
                // Without a manifest it is not a backup that `verify` knows.
                if words[0] == "restore" {
                    let name = path.file_name().unwrap().to_str().unwrap();
                    let says = said.contains(name) || said.contains("only a plain file is read");
                    assert!(says, "{words:?}: {said}");
                }
            }
            for words in [
                &["backup", "list"][..],
                &["backup", "list", "--json"],
                &["restore", "--list"],
                &["status"],
                &["backup"],
            ] {
                let (code, said) = ends(&place, words);
                assert!([0, 10].contains(&code), "{kind} {file} {words:?}: {code} {said}");
            }
            std::fs::remove_dir_all(place.root().join("backups")).unwrap();
        }
    }
}

#[test]
fn nothing_but_files_is_read_in_an_encrypted_backup() {
    for kind in KINDS {
        let place = Place::shop();
        let public = key(&place);
        place.run(&["backup", "--encrypt-to", &public]).exits(0);
        let dir = place.backups("backups").remove(0);
        put("a FIFO", &place.root().join("keys"));
        let (code, said) = ends(&place, &["backup", "verify", "--level", "1", "--identity", "keys"]);
        assert!(code != 0 && said.contains("it is a FIFO, and only a plain file is read"), "{code} {said}");
        put(kind, &dir.join("dump.pgdump.age"));
        let given = dir.to_str().unwrap();
        for words in [
            &["restore", given, "--yes", "--identity", "key.txt"][..],
            &["restore", given, "--in-place", "--no-backup", "--yes", "--identity", "key.txt"],
            &["backup", "verify", "--level", "1", "--identity", "key.txt"],
        ] {
            let (code, said) = ends(&place, words);
            assert!(
                [1, 10].contains(&code) && said.contains("dump.pgdump.age"),
                "{kind} {words:?}: {code} {said}"
            );
        }
    }
}

#[test]
fn nothing_but_files_is_read_of_what_pg_dump_wrote() {
    let place = Place::shop();
    for kind in ["a FIFO", "a socket"] {
        put(kind, &place.root().join("dump.sql"));
        let (code, said) = ends(&place, &["restore", "dump.sql", "--yes"]);
        assert!(code == 2 && said.contains(&format!("dump.sql` is {kind}")), "{code} {said}");
        for file in ["toc.dat", "rows", "blobs.toc"] {
            place.dump("-Fd", "folder");
            let folder = place.root().join("folder");
            put(kind, &if file == "rows" { first_data(&folder) } else { folder.join(file) });
            for words in [
                &["restore", "folder", "--yes"][..],
                &["restore", "folder", "--in-place", "--no-backup", "--yes"],
            ] {
                let (code, said) = ends(&place, words);
                assert!([2, 10].contains(&code), "{kind} {file}: {code} {said}");
            }
            std::fs::remove_dir_all(folder).unwrap();
        }
    }
}

#[test]
fn nothing_but_files_is_read_of_a_project() {
    let place = Place::shop();
    place.migration("20260101000000_more", "SELECT 1;", "SELECT 1;");
    place.file("seeds/default/a.sql", "SELECT 1;").file("schema.sql", "SELECT 1;");
    for kind in ["a FIFO", "a socket"] {
        let at = |path: &str| place.root().join(path);
        put(kind, &at("given.sql"));
        let refused = |words: &[&str]| {
            let (code, said) = ends(&place, words);
            assert!(
                code != 0 && said.contains(&format!("it is {kind}, and only a plain file is read")),
                "{words:?}: {code} {said}"
            );
        };
        refused(&["execute", "--file", "given.sql"]);
        for path in ["migrations/20260101000000_more/up.sql", "seeds/default/a.sql", "schema.sql"] {
            put(kind, &at(path));
            match path {
                "schema.sql" => refused(&["diff", "schema.sql", "empty"]),
                "seeds/default/a.sql" => refused(&["seed", "--yes"]),
                _ => {
                    let (code, said) = ends(&place, &["deploy"]);
                    assert!(code == 2 && said.contains("the folder has no up.sql"), "{code} {said}");
                }
            }
            std::fs::remove_file(at(path)).unwrap();
            place.file(path, "SELECT 1;");
        }
        std::fs::remove_file(at("given.sql")).unwrap();
    }
    // A pipe that the shell passes is meant.
    let mut command = place.command(&["execute", "--file", "/dev/stdin"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"SELECT 7 AS seven").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("seven"), "{output:?}");
}

#[test]
fn a_manifest_has_a_largest_size() {
    let place = Place::shop();
    place.run(&["backup"]).exits(0);
    let dir = place.backups("backups").remove(0);
    let file = std::fs::OpenOptions::new().write(true).open(dir.join("manifest.json")).unwrap();
    // It takes no room on the disk.
    file.set_len(1 << 40).unwrap();
    let (code, said) = ends(&place, &["restore", dir.to_str().unwrap(), "--yes"]);
    let limit = "it is larger than 256 MiB, the limit for a manifest";
    assert!(code == 10 && said.contains(limit), "{code} {said}");
    let (code, said) = ends(&place, &["backup", "list"]);
    assert!(said.contains("it is larger than 256 MiB"), "{code} {said}");
    poll::until(1, "the next backup", || Some(place.run(&["backup"]).exits(0).code));
}
