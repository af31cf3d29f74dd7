//! Finds PostgreSQL's own programs (`postgres`, `initdb`, `psql`, `pg_dump`, …) by version, and is where they
//! are turned into processes. Reads no environment: the caller passes `PGKEEL_PG_BIN` and `PATH` in `Search`.

mod child;
pub mod client;
mod install;
mod tied;

pub use child::Child;

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where to look before the places that packages use.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// `PGKEEL_PG_BIN`: a directory of programs that wins whenever the version in it fits.
    pub pg_bin: Option<PathBuf>,
    /// `PATH`.
    pub path: Option<OsString>,
}

/// Which major versions will do, and which of several is best.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// Any version; the newest is best.
    Any,
    /// This major version only.
    Major(u32),
    /// This major version or a later one; the closest is best (for `pg_dump`, which refuses newer servers).
    AtLeast(u32),
    /// The first major version or a later one; the newest up to the second is best, then the closest beyond that.
    Tested(u32, u32),
}

impl Wanted {
    fn fits(self, major: u32) -> bool {
        match self {
            Wanted::Any => true,
            Wanted::Major(only) => major == only,
            Wanted::AtLeast(least) => major >= least,
            Wanted::Tested(first, _) => major >= first,
        }
    }

    /// Smaller is better.
    fn distance(self, major: u32) -> u32 {
        match self {
            Wanted::AtLeast(least) => major.saturating_sub(least),
            Wanted::Tested(_, newest) if major > newest => major,
            Wanted::Tested(_, newest) => newest - major,
            _ => u32::MAX - major,
        }
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wanted::Any => write!(f, "any version"),
            Wanted::Major(only) => write!(f, "version {only}"),
            Wanted::AtLeast(least) | Wanted::Tested(least, _) => write!(f, "version {least} or later"),
        }
    }
}

/// What `--version` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolVersion {
    /// 15 in `15.18`.
    pub major: u32,
    /// 18 in `15.18`; 0 for a beta.
    pub minor: u32,
    /// The whole text behind the program's name, the packager's suffix included: two builds differ in it.
    pub text: String,
}

impl ToolVersion {
    /// Reads `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`, `18beta1` and `19devel` too.
    pub fn parse(line: &str) -> Option<ToolVersion> {
        Self::of(line.trim().split_once("(PostgreSQL) ")?.1)
    }

    /// Reads what follows the program's name: `15.18 (Debian 15.18-0+deb12u1)`.
    pub fn of(text: &str) -> Option<ToolVersion> {
        let number = |s: &str| s.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok();
        let major = number(text)?;
        let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
        let minor = rest.strip_prefix('.').and_then(number).unwrap_or(0);
        Some(ToolVersion { major, minor, text: text.to_owned() })
    }
}

impl fmt::Display for ToolVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `18beta1` must not be shown as 18.0.
        f.write_str(self.text.split_whitespace().next().unwrap_or(&self.text))
    }
}

/// A program that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Its absolute path.
    pub path: PathBuf,
    /// What it says it is.
    pub version: ToolVersion,
}

impl Program {
    /// A process of this program, not yet started, that listens to its arguments and not to PG* variables.
    pub fn command(&self) -> Command {
        command(&self.path)
    }

    /// The folder it was found in.
    pub fn dir(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("/"))
    }
}

/// Another program of the same build: beside `program`, or beside the file that it links to.
pub fn sibling(program: &Path, name: &str) -> Option<PathBuf> {
    let real = fs::canonicalize(program).ok();
    let places = [Some(program), real.as_deref()].into_iter().flatten();
    places.map(|place| place.with_file_name(name)).find(|path| is_executable(path))
}

/// Why there is no such program.
#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    /// Nothing that fits was found.
    #[error("no `{program}` of PostgreSQL {wanted} was found{}", found(.others))]
    Missing {
        /// The program.
        program: String,
        /// The versions that would have done.
        wanted: Wanted,
        /// The folders that were searched.
        searched: Vec<PathBuf>,
        /// Programs of that name which have another version.
        others: Vec<Program>,
        /// How this platform installs it.
        install: String,
    },
    /// The directory that was chosen by hand does not hold the program at all.
    #[error("there is no `{program}` in `{}`, the directory that was chosen for PostgreSQL's programs", dir.display())]
    NotInChosenDir {
        /// The program.
        program: String,
        /// What `PGKEEL_PG_BIN` says.
        dir: PathBuf,
    },
}

impl ToolError {
    /// What the developer can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            ToolError::Missing { install, .. } => Some(install.clone()),
            ToolError::NotInChosenDir { .. } => {
                Some("set PGKEEL_PG_BIN to a folder that holds it, or unset it".to_owned())
            }
        }
    }
}

fn found(others: &[Program]) -> String {
    let list: Vec<_> = others.iter().map(|p| format!("{} in `{}`", p.version, p.dir().display())).collect();
    if list.is_empty() { String::new() } else { format!(" (there is {})", list.join(", ")) }
}

/// The search for programs.
#[derive(Debug)]
pub struct Tools;

impl Tools {
    /// The best `program`: from the chosen directory if that fits, else by version, else a real program before
    /// a wrapper script (Debian's `/usr/bin/psql`), else the first in the order of `dirs`.
    pub fn find(search: &Search, program: &str, wanted: Wanted) -> Result<Program, ToolError> {
        let dirs = dirs(search);
        let chosen = search.pg_bin.as_deref();
        if let Some(dir) = chosen
            && !is_executable(&dir.join(program))
        {
            return Err(ToolError::NotInChosenDir { program: program.to_owned(), dir: dir.to_owned() });
        }
        let (mut fitting, others): (Vec<_>, Vec<_>) = dirs
            .iter()
            .map(|dir| dir.join(program))
            .filter(|path| is_executable(path))
            .filter_map(|path| Some(Program { version: version_of(&path)?, path }))
            .partition(|program| wanted.fits(program.version.major));
        // The sort is stable: what ties stays in the order of `dirs`.
        fitting.sort_by_key(|program| {
            let Program { path, version } = program;
            let elsewhere = chosen != path.parent();
            (elsewhere, wanted.distance(version.major), Reverse(version.minor), is_script(path))
        });
        fitting.into_iter().next().ok_or_else(|| ToolError::Missing {
            program: program.to_owned(),
            wanted,
            searched: dirs,
            others,
            install: install::line(program, wanted),
        })
    }
}

/// What a program on disk says its version is; `None` when it does not run.
pub fn version_of(program: &Path) -> Option<ToolVersion> {
    let output = command(program).arg("--version").stdin(Stdio::null()).output().ok()?;
    ToolVersion::parse(&String::from_utf8_lossy(&output.stdout))
}

/// A process of the program at `path`, deaf to the PG* variables and to the developer's language.
pub fn command(path: &Path) -> Command {
    let mut command = client_command(path);
    for name in PG_VARIABLES.split_whitespace() {
        command.env_remove(name);
    }
    command
}

/// A process of the program at `path` that connects as our own sessions do: what libpq takes from the environment
/// (PGPASSFILE, PGSSLROOTCERT, …) counts for both.
fn client_command(path: &Path) -> Command {
    #[expect(
        clippy::disallowed_methods,
        reason = "PostgreSQL's programs are run from here; no secret is passed in argv"
    )]
    let mut command = Command::new(path);
    // Stable messages; and macOS's postmaster refuses to start without a valid locale.
    command.env("LC_ALL", "C");
    command
}

/// Everything libpq, psql, Debian's wrapper and the server take from the environment.
const PG_VARIABLES: &str = "\
    PGAPPNAME PGCHANNELBINDING PGCLIENTENCODING PGCLUSTER PGCONNECT_TIMEOUT PGDATA PGDATABASE \
    PGDATESTYLE PGGEQO PGGSSDELEGATION PGGSSENCMODE PGGSSLIB PGHOST PGHOSTADDR PGKRBSRVNAME \
    PGLOADBALANCEHOSTS PGLOCALEDIR PGMAXPROTOCOLVERSION PGMINPROTOCOLVERSION PGOAUTHCAFILE PGOPTIONS PGPASSFILE PGPASSWORD PGPORT PGREALM PGREQUIREAUTH \
    PGREQUIREPEER PGREQUIRESSL PGSERVICE PGSERVICEFILE PGSSLCERT PGSSLCERTMODE PGSSLCOMPRESSION PGSSLCRL \
    PGSSLCRLDIR PGSSLKEY PGSSLMAXPROTOCOLVERSION PGSSLMINPROTOCOLVERSION PGSSLMODE PGSSLNEGOTIATION \
    PGSSLROOTCERT PGSSLSNI PGSYSCONFDIR \
    PGTARGETSESSIONATTRS PGTZ PGUSER PSQLRC PSQL_PAGER";

/// The folders to search, in order, each once.
fn dirs(search: &Search) -> Vec<PathBuf> {
    let on_path = search.path.iter().flat_map(std::env::split_paths).filter(|dir| dir.is_absolute());
    let packaged = [
        ("/usr/lib/postgresql", "", "bin"),
        ("/usr", "pgsql-", "bin"),
        ("/usr/libexec", "postgresql", ""),
        ("/opt/homebrew/opt", "postgresql@", "bin"),
        ("/usr/local/opt", "postgresql@", "bin"),
        ("/opt/homebrew/opt", "libpq", "bin"),
        ("/usr/local/opt", "libpq", "bin"),
        ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
    ];
    let packaged =
        packaged.into_iter().flat_map(|(parent, prefix, bin)| folders(Path::new(parent), prefix, bin));
    let mut seen = BTreeSet::new();
    search
        .pg_bin
        .iter()
        .cloned()
        .chain(on_path)
        .chain(packaged)
        .filter(|dir| seen.insert(dir.clone()))
        .collect()
}

/// `parent/prefix*/bin`, sorted.
fn folders(parent: &Path, prefix: &str, bin: &str) -> BTreeSet<PathBuf> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    entries
        .filter(|e| e.file_name().to_string_lossy().starts_with(prefix))
        .map(|e| e.path().join(bin))
        .collect()
}

fn is_executable(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
}

fn is_script(path: &Path) -> bool {
    let mut start = [0; 2];
    File::open(path).and_then(|mut f| f.read_exact(&mut start)).is_ok() && &start == b"#!"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fake(dir: &Path, program: &str, version: &str) {
        fs::create_dir_all(dir).unwrap();
        let path = dir.join(program);
        fs::write(&path, format!("#!/bin/sh\necho '{program} (PostgreSQL) {version}'\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    #[test]
    fn versions_are_read_with_and_without_a_packagers_suffix() {
        let check = |line, major, minor, shown| {
            let version = ToolVersion::parse(line).unwrap();
            assert_eq!(
                (version.major, version.minor, version.to_string()),
                (major, minor, String::from(shown))
            );
        };
        check("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n", 15, 18, "15.18");
        check("pg_dump (PostgreSQL) 18beta1", 18, 0, "18beta1");
        check("psql (PostgreSQL) 19devel", 19, 0, "19devel");
        assert_eq!(ToolVersion::parse("psql: command not found"), None);
    }

    #[test]
    fn the_chosen_directory_wins_if_it_fits_and_else_the_version_decides() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        for (name, version) in [("a", "91.2"), ("b", "93.1"), ("c", "92.0"), ("d", "92.4")] {
            fake(&at(name), "pg_toy", version);
        }
        let path = std::env::join_paths([at("a"), at("b"), at("c"), at("d")]).unwrap();
        let check = |pg_bin: Option<&str>, wanted, expected: &str| {
            let search = Search { pg_bin: pg_bin.map(at), path: Some(path.clone()) };
            assert_eq!(Tools::find(&search, "pg_toy", wanted).unwrap().dir(), at(expected));
        };
        check(None, Wanted::Any, "b");
        check(None, Wanted::AtLeast(92), "d");
        check(None, Wanted::Tested(90, 92), "d");
        check(None, Wanted::Tested(90, 91), "a");
        // One that is newer than all that are tested, where there is no other.
        check(None, Wanted::Tested(92, 90), "d");
        check(Some("c"), Wanted::Any, "c");
        check(Some("a"), Wanted::Major(93), "b");
    }

    #[test]
    fn a_missing_program_says_what_there_is_instead() {
        let dir = tempfile::tempdir().unwrap();
        fake(dir.path(), "pg_toy", "91.2");
        let search = Search { pg_bin: None, path: Some(dir.path().into()) };
        let error = Tools::find(&search, "pg_toy", Wanted::Major(99)).unwrap_err();
        let expected = format!(
            "no `pg_toy` of PostgreSQL version 99 was found (there is 91.2 in `{}`)",
            dir.path().display()
        );
        assert_eq!(error.to_string(), expected);
        let ToolError::Missing { searched, .. } = error else { panic!("{error}") };
        assert!(searched.contains(&dir.path().to_owned()));
    }

    #[test]
    fn a_chosen_directory_without_the_program_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let search = Search { pg_bin: Some(dir.path().to_owned()), path: None };
        let error = Tools::find(&search, "postgres", Wanted::Any).unwrap_err();
        assert!(matches!(error, ToolError::NotInChosenDir { .. }), "{error}");
    }

    #[test]
    fn a_real_program_is_preferred_to_a_wrapper_of_the_same_version() {
        let dir = tempfile::tempdir().unwrap();
        let Ok(real) = Tools::find(&Search::default(), "psql", Wanted::Any) else { return };
        fake(dir.path(), "psql", &real.version.text);
        let search = Search { pg_bin: None, path: Some(dir.path().into()) };
        assert_eq!(Tools::find(&search, "psql", Wanted::Any).unwrap(), real);
    }
}
