//! A database of the campaign: a file of SQL with what is special about it in its first line, then `-- word: value` lines,
//! then parts that begin with `--- superuser` or `--- migration`.
//!
//! Words: `needs` extensions, `server` the oldest major version, `until` the newest one, `preload` what is
//! among shared_preload_libraries, `create` options of CREATE DATABASE, `runners` other than
//! all, and how steps end that do not leave everything as it was, as `RUNNERS STEPS CODE TEXT` (`*` is all of them): `refused`,
//! as documented, with that text; `changes`, as documented, in these texts alone, separated by ` || `; `fault`, what goes
//! wrong today with that text, which fails on the day on which it no longer does.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::restored::EVERYTHING;

/// Who makes the database and runs the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Runner {
    Superuser,
    /// The owner of the database, who may create others.
    CreateDb,
    /// The owner of the database, who may not.
    Owner,
}

impl Runner {
    pub(super) const ALL: [Self; 3] = [Self::Superuser, Self::CreateDb, Self::Owner];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Superuser => "superuser",
            Self::CreateDb => "createdb",
            Self::Owner => "owner",
        }
    }
}

/// A step of the round trip, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Backup,
    Verify,
    Restore,
    Undo,
    InPlace,
    Rollback,
}

impl Step {
    pub(super) const ALL: [Self; 6] =
        [Self::Backup, Self::Verify, Self::Restore, Self::Undo, Self::InPlace, Self::Rollback];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Backup => "backup",
            Self::Verify => "verify",
            Self::Restore => "restore",
            Self::Undo => "undo",
            Self::InPlace => "in-place",
            Self::Rollback => "rollback",
        }
    }
}

/// What an ending that is not the usual one means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Refused,
    Changes,
    Fault,
}

/// How a step ends where it does not leave everything as it was.
#[derive(Clone, Debug)]
pub(super) struct Ending {
    runners: Vec<Runner>,
    steps: Vec<Step>,
    pub(super) code: i32,
    /// Part of what it prints, or of the differences.
    pub(super) text: String,
    pub(super) kind: Kind,
}

impl Ending {
    fn new(text: &str, kind: Kind) -> Self {
        let mut words = text.splitn(4, ' ');
        let mut word = || words.next().expect("RUNNERS STEPS CODE TEXT");
        Self {
            runners: chosen(word(), &Runner::ALL, Runner::word),
            steps: chosen(word(), &Step::ALL, Step::word),
            code: word().parse().expect("an exit code"),
            text: word().to_owned(),
            kind,
        }
    }

    /// Wrong usage, in whatever step.
    pub(super) fn usage(text: &str) -> Self {
        Self::new(&format!("* * 2 {text}"), Kind::Refused)
    }
}

fn chosen<T: Copy>(list: &str, all: &[T], word: impl Fn(T) -> &'static str) -> Vec<T> {
    if list == "*" {
        return all.to_vec();
    }
    let one = |name: &str| all.iter().copied().find(|one| word(*one) == name).expect("a runner or step");
    list.split(',').map(one).collect()
}

/// Who runs a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    Superuser,
    /// `pgkeel deploy`, as the one who runs the program.
    Migration,
}

/// A database.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) name: String,
    pub(super) special: String,
    pub(super) needs: Vec<String>,
    pub(super) server: u32,
    pub(super) until: Option<u32>,
    /// What the server must preload.
    pub(super) preload: Option<String>,
    pub(super) create: Option<String>,
    /// Whether the server must be built with ICU.
    pub(super) icu: bool,
    pub(super) runners: Vec<Runner>,
    pub(super) endings: Vec<Ending>,
    pub(super) parts: Vec<(By, String)>,
}

impl Case {
    pub(super) fn parse(name: &str, text: &str) -> Self {
        let mut lines = text.lines();
        let special = lines.next().and_then(|line| line.strip_prefix("-- ")).expect("what is special");
        let mut case = Self {
            name: name.to_owned(),
            special: special.to_owned(),
            needs: vec![],
            server: 0,
            until: None,
            preload: None,
            create: None,
            icu: false,
            runners: Runner::ALL.to_vec(),
            endings: vec![],
            parts: vec![],
        };
        for line in lines {
            match (line.strip_prefix("--- "), case.parts.last_mut()) {
                (Some("superuser"), _) => case.parts.push((By::Superuser, String::new())),
                (Some("migration"), _) => case.parts.push((By::Migration, String::new())),
                (Some(other), _) => panic!("{name}: `{other}` runs nothing"),
                (None, Some((_, sql))) => *sql += &format!("{line}\n"),
                (None, None) => case.word(line.strip_prefix("-- ").expect("a word in a comment")),
            }
        }
        for (_, sql) in &mut case.parts {
            *sql = sql.replace("{everything}", EVERYTHING);
        }
        case
    }

    fn word(&mut self, line: &str) {
        let (word, value) = line.split_once(": ").unwrap_or((line, ""));
        match word {
            "needs" => self.needs = value.split(' ').map(str::to_owned).collect(),
            "server" => self.server = value.parse().expect("a major version"),
            "until" => self.until = Some(value.parse().expect("a major version")),
            "preload" => self.preload = Some(value.to_owned()),
            "create" => self.create = Some(value.to_owned()),
            "icu" => self.icu = true,
            "runners" => self.runners = chosen(value, &Runner::ALL, Runner::word),
            "refused" => self.endings.push(Ending::new(value, Kind::Refused)),
            "changes" => self.endings.push(Ending::new(value, Kind::Changes)),
            "fault" => self.endings.push(Ending::new(value, Kind::Fault)),
            other => panic!("{}: `{other}` means nothing", self.name),
        }
    }

    /// How this step is to end, where not well. What the file says counts before what holds for every database.
    pub(super) fn ending(&self, runner: Runner, step: Step) -> Option<Ending> {
        let own = self.endings.iter().find(|one| one.runners.contains(&runner) && one.steps.contains(&step));
        let usual = || match (runner, step) {
            (Runner::Owner, Step::Verify | Step::Restore | Step::Rollback) => {
                Some(Ending::new("owner * 3 CREATEDB", Kind::Refused))
            }
            _ => None,
        };
        own.cloned().or_else(usual)
    }
}

/// Where the files are.
pub(super) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/roundtrip")
}

/// All databases with a file.
pub(super) fn all() -> Vec<Case> {
    let paths = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = paths.filter(|path| path.extension().is_some_and(|end| end == "sql")).collect();
    files.sort();
    let name = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
    files.iter().map(|path| Case::parse(&name(path), &fs::read_to_string(path).unwrap())).collect()
}
