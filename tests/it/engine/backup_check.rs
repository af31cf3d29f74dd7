//! L1: a backup that lacks or changes anything, anywhere, is found, plain and encrypted; a whole one passes.

use std::fs;
use std::path::{Path, PathBuf};

use age::secrecy::ExposeSecret;
use pgkeel::engine::backup::check::{CheckError, Reading, Verdict, verify_l0, verify_l1};
use pgkeel::engine::backup::crypt::CryptError;
use pgkeel::engine::backup::manifest::Manifest;
use pgkeel::engine::{Event, Observer};
use pgkeel::pg::interrupt::Interrupt;

use crate::support::project::Project;

struct Deaf;

impl Observer for Deaf {
    fn event(&mut self, _event: Event) {}
}

/// A backup, and the key to it if it has one.
struct Backup {
    project: Project,
    dir: PathBuf,
    key: Option<PathBuf>,
}

fn key(project: &Project, name: &str) -> (PathBuf, String) {
    let key = age::x25519::Identity::generate();
    project.file(name, format!("{}\n", key.to_string().expose_secret()));
    (project.root().join(name), key.to_public().to_string())
}

impl Backup {
    fn take(arguments: &[&str]) -> Self {
        Self::with_key(arguments, None)
    }

    fn encrypted() -> Self {
        Self::with_key(&[], Some("key.txt"))
    }

    fn with_key(arguments: &[&str], name: Option<&str>) -> Self {
        let project = Project::new();
        project.sql(
            "CREATE TABLE many (id int PRIMARY KEY, text text); \
             INSERT INTO many SELECT n, md5(n::text) FROM generate_series(1, 1500) n; \
             CREATE TABLE few (id serial, text text); INSERT INTO few (text) VALUES ('one'), (NULL); \
             SELECT lo_from_bytea(0, 'large object')",
        );
        let key = name.map(|name| key(&project, name));
        let mut all = [&["backup", "--json"], arguments].concat();
        if let Some((_, public)) = &key {
            all.extend(["--encrypt-to", public]);
        }
        let ran = project.run(&all);
        let dir = PathBuf::from(ran.exits(0).json()["path"].as_str().unwrap());
        Self { project, dir, key: key.map(|(file, _)| file) }
    }

    fn manifest(&self) -> Manifest {
        Manifest::from_bytes(&fs::read(self.dir.join("manifest.json")).unwrap()).unwrap()
    }

    fn check(&self, identity: Option<&Path>) -> Result<Verdict, CheckError> {
        let interrupt = Interrupt::default();
        let reading = Reading { identity, jobs: 2, interrupt: &interrupt };
        verify_l1(&self.dir, &self.manifest(), &reading, &mut Deaf)
    }

    /// What L1 says is wrong, one line each.
    fn damages(&self) -> Vec<String> {
        self.check(self.key.as_deref()).unwrap().damages.iter().map(ToString::to_string).collect()
    }

    /// Change a file, look, and put it back.
    fn damaged(&self, file: &str, bytes: &[u8]) -> Vec<String> {
        let path = self.dir.join(file);
        let whole = fs::read(&path).unwrap();
        fs::write(&path, bytes).unwrap();
        let damages = self.damages();
        fs::write(&path, whole).unwrap();
        damages
    }
}

#[test]
fn a_whole_one_passes_in_every_form() {
    for arguments in [&[][..], &["--plain"], &["--compression", "none"], &["--schema-only"], &["--data-only"]]
    {
        let backup = Backup::take(arguments);
        assert_eq!(backup.check(None).unwrap(), Verdict::default(), "{arguments:?}");
        assert_eq!(verify_l0(&backup.dir, &backup.manifest()).unwrap(), []);
    }
    for arguments in [&[][..], &["--plain"]] {
        let backup = Backup::with_key(arguments, Some("key.txt"));
        assert_eq!(backup.check(backup.key.as_deref()).unwrap(), Verdict::default());
        let blind = backup.check(None).unwrap();
        assert_eq!((blind.damages.len(), blind.notes.len()), (0, 1), "{blind:?}");
    }
}

#[test]
fn a_file_that_is_cut_anywhere_is_found() {
    for backup in [Backup::take(&["--compression", "none"]), Backup::encrypted(), Backup::take(&["--plain"])]
    {
        for file in backup.manifest().files {
            let whole = fs::read(backup.dir.join(&file.path)).unwrap();
            let cuts = (0..whole.len()).step_by(4096).chain([whole.len() - 1]);
            for cut in cuts {
                let damages = backup.damaged(&file.path, &whole[..cut]);
                assert!(
                    damages.iter().any(|line| line.contains(&file.path)),
                    "{} at {cut}: {damages:?}",
                    file.path
                );
            }
        }
        assert_eq!(backup.damages(), Vec::<String>::new());
    }
}

#[test]
fn one_changed_byte_is_found_wherever_it_is() {
    // A generator of numbers, always the same ones.
    let mut state = 20_260_102_u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    for backup in [Backup::take(&[]), Backup::encrypted()] {
        let files = backup.manifest().files;
        for _ in 0..100 {
            let file = &files[next(files.len())].path;
            let mut bytes = fs::read(backup.dir.join(file)).unwrap();
            let at = next(bytes.len());
            bytes[at] ^= 1 << next(8);
            let damages = backup.damaged(file, &bytes);
            assert!(damages.iter().any(|line| line.contains(file.as_str())), "{file} at {at}: {damages:?}");
        }
        let manifest = fs::read(backup.dir.join("manifest.json")).unwrap();
        for _ in 0..100 {
            let mut bytes = manifest.clone();
            let at = next(bytes.len());
            bytes[at] ^= 1 << next(8);
            assert!(Manifest::from_bytes(&bytes).is_err(), "manifest.json at {at}");
        }
    }
}

#[test]
fn what_is_missing_strange_or_not_as_the_manifest_says_is_named() {
    let backup = Backup::take(&["--compression", "none"]);
    fs::write(backup.dir.join("dump/more.dat"), "x").unwrap();
    assert_eq!(backup.damages(), ["`dump/more.dat`: the manifest does not list it"]);
    fs::remove_file(backup.dir.join("dump/more.dat")).unwrap();
    fs::rename(backup.dir.join("globals.sql"), backup.dir.join("other.sql")).unwrap();
    let expected = ["`globals.sql`: it is missing", "`other.sql`: the manifest does not list it"];
    assert_eq!(backup.damages(), expected);
    fs::rename(backup.dir.join("other.sql"), backup.dir.join("globals.sql")).unwrap();
    let mut manifest = backup.manifest();
    manifest.tables[1].rows += 1;
    manifest.tables.remove(0);
    fs::write(backup.dir.join("manifest.json"), manifest.to_bytes()).unwrap();
    let expected = [
        "`dump`: it holds 1500 rows of public.many, and the manifest says 1501",
        "`dump`: it holds rows of public.few, which the manifest lacks",
    ];
    assert_eq!(backup.damages(), expected);
    manifest.files[0].path = "../../etc/passwd".into();
    fs::write(backup.dir.join("manifest.json"), manifest.to_bytes()).unwrap();
    assert!(backup.damages().contains(&"`../../etc/passwd`: its name leads out of the backup".to_owned()));
}

#[test]
fn a_file_of_the_right_size_that_is_a_link_is_not_followed() {
    let backup = Backup::take(&[]);
    let globals = backup.dir.join("globals.sql");
    let elsewhere = backup.project.root().join("elsewhere.sql");
    fs::rename(&globals, &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &globals).unwrap();
    assert_eq!(backup.damages(), ["`globals.sql`: it is no file"]);
}

#[test]
fn a_key_that_does_not_fit_is_an_error_and_a_damaged_file_is_damage_with_any_key() {
    let backup = Backup::encrypted();
    let (other, _) = key(&backup.project, "other.txt");
    let no_match = |backup: &Backup| {
        matches!(backup.check(Some(&other)), Err(CheckError::Crypt(CryptError::NoMatch { .. })))
    };
    assert!(no_match(&backup));
    let path = backup.dir.join("dump.pgdump.age");
    let mut bytes = fs::read(&path).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&path, bytes).unwrap();
    // Its checksum is wrong, so nobody even tries to decrypt it.
    assert!(!no_match(&backup));
    assert!(backup.damages()[0].starts_with("`dump.pgdump.age`: its checksum"), "{:?}", backup.damages());
}

#[test]
fn an_interrupted_look_says_nothing_about_the_backup() {
    let backup = Backup::take(&[]);
    let interrupt = Interrupt::default();
    interrupt.raise();
    let reading = Reading { identity: None, jobs: 1, interrupt: &interrupt };
    let ended = verify_l1(&backup.dir, &backup.manifest(), &reading, &mut Deaf);
    assert!(matches!(ended, Err(CheckError::Interrupted)), "{ended:?}");
}
