//! Squashed migrations: one that replaces several older ones, and what that means for a database that has all, some or none of
//! those. Pure. Whoever asks for the migrations of a database (`reconcile`, `Plan`) asks here first.

use std::collections::BTreeSet;

use crate::engine::ledger::{Applied, Ledger, Recorded, RecordedState};

use super::finding::{Finding, Severity};
use super::folder::{Folder, OnDisk};

/// Below the migrations folder: one folder per squashed migration, of its name, with the folders that it replaces. Diesel passes
/// over names that begin with a dot.
pub const KEPT: &str = ".replaced";

/// What a squashed migration replaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaces {
    /// What `replaces` in its pgkeel.toml says, oldest first. The last has the version of the squashed migration itself.
    pub items: Vec<Item>,
    /// The migrations themselves, where their folders are kept.
    pub kept: Vec<OnDisk>,
}

/// One migration that is replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// Its version.
    One(String),
    /// A migration that was squashed itself: what it replaces. Its version is the last one's.
    Squashed(Vec<Item>),
}

impl Item {
    /// Its version.
    pub fn version(&self) -> &str {
        match self {
            Self::One(version) => version,
            Self::Squashed(items) => items.last().map_or("", Self::version),
        }
    }

    /// All versions that a ledger may have for it.
    pub fn versions(&self) -> Vec<&str> {
        match self {
            Self::One(version) => vec![version],
            Self::Squashed(items) => items.iter().flat_map(Self::versions).collect(),
        }
    }

    /// Whether a database with these versions has it.
    fn is_in(&self, applied: &BTreeSet<&str>) -> bool {
        match self {
            Self::One(version) => applied.contains(version.as_str()),
            Self::Squashed(items) => match extent(items, applied, &BTreeSet::new()) {
                Extent::Itself => true,
                Extent::Old { complete } => complete,
                Extent::None => false,
            },
        }
    }
}

impl Replaces {
    /// All versions that a ledger may have of what is replaced.
    pub fn versions(&self) -> Vec<&str> {
        self.items.iter().flat_map(Item::versions).collect()
    }
}

/// How much of what a squashed migration replaces a database has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// Nothing: the squashed one is to run alone.
    None,
    /// The squashed one itself: it ran here, or the database was marked.
    Itself,
    /// Some or all of the old ones.
    Old {
        /// Whether it is all of them.
        complete: bool,
    },
}

/// The last of the old ones and the squashed one share a version: it is the squashed one where no other old one is there.
fn extent(items: &[Item], applied: &BTreeSet<&str>, partial: &BTreeSet<&str>) -> Extent {
    let own = items.last().map_or("", Item::version);
    let others = || items.iter().flat_map(Item::versions).filter(|version| *version != own);
    let has_others = others().any(|version| applied.contains(version) || partial.contains(version));
    match (applied.contains(own), has_others) {
        (true, false) => Extent::Itself,
        (false, false) => Extent::None,
        (_, true) => Extent::Old { complete: items.iter().all(|item| item.is_in(applied)) },
    }
}

/// The migrations as one database has to see them.
#[derive(Debug, Clone, Default)]
pub struct Effective<'a> {
    /// By version.
    pub migrations: Vec<&'a OnDisk>,
    /// Squashed ones in whose place the database has the old ones: once it has all of them, it is marked.
    pub unmarked: Vec<Unmarked<'a>>,
    /// Versions in the ledger that need no folder, for they are replaced.
    pub settled: BTreeSet<&'a str>,
    /// What is wrong: old ones are needed, and their folders are gone.
    pub findings: Vec<Finding>,
}

/// A squashed migration in whose place a database has the old ones.
#[derive(Debug, Clone, Copy)]
pub struct Unmarked<'a> {
    /// The squashed one.
    pub squashed: &'a OnDisk,
    /// What it replaces.
    pub replaces: &'a Replaces,
}

impl Unmarked<'_> {
    /// The versions whose rows leave the ledgers.
    pub fn others(&self) -> Vec<String> {
        let versions = self.replaces.versions().into_iter();
        versions.filter(|version| *version != self.squashed.version).map(str::to_owned).collect()
    }
}

/// What a database is to be marked with: it has all that a squashed migration replaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The squashed migration.
    pub squashed: OnDisk,
    /// The versions whose rows leave both ledgers.
    pub others: Vec<String>,
}

impl Folder {
    /// The migrations as the database of this ledger has to see them.
    pub fn effective(&self, ledger: &Ledger) -> Effective<'_> {
        effective(&self.migrations, &ledger.applied, &ledger.recorded)
    }
}

impl<'a> Effective<'a> {
    /// The migration with this version.
    pub fn find(&self, version: &str) -> Option<&'a OnDisk> {
        let found = self.migrations.binary_search_by(|migration| migration.version.as_str().cmp(version));
        found.ok().map(|index| self.migrations[index])
    }
}

/// Of each squashed migration, itself or the ones that it replaces, by what the database has.
pub fn effective<'a>(on_disk: &'a [OnDisk], applied: &[Applied], recorded: &[Recorded]) -> Effective<'a> {
    let applied: BTreeSet<&str> = applied.iter().map(|row| row.version.as_str()).collect();
    let partial = recorded.iter().filter(|row| row.is_partial(RecordedState::Partial));
    let partial: BTreeSet<&str> = partial.map(|row| row.version.as_str()).collect();
    let mut found = Effective::default();
    add(on_disk, &applied, &partial, &mut found);
    found.migrations.sort_by(|one, other| one.version.cmp(&other.version));
    found
}

fn add<'a>(
    on_disk: &'a [OnDisk],
    applied: &BTreeSet<&str>,
    partial: &BTreeSet<&str>,
    found: &mut Effective<'a>,
) {
    for squashed in on_disk {
        let Some(replaces) = &squashed.replaces else {
            found.migrations.push(squashed);
            continue;
        };
        let complete = match extent(&replaces.items, applied, partial) {
            Extent::None | Extent::Itself => {
                found.migrations.push(squashed);
                continue;
            }
            Extent::Old { complete } => complete,
        };
        let kept = |item: &Item| replaces.kept.iter().any(|one| one.version == item.version());
        if replaces.items.iter().all(kept) {
            let before = found.unmarked.len();
            add(&replaces.kept, applied, partial, found);
            // What is squashed within goes with the outer one.
            found.unmarked.truncate(before);
        } else if complete {
            found.migrations.push(squashed);
            found.settled.extend(replaces.versions().into_iter().filter(|one| *one != squashed.version));
        } else {
            found.findings.push(Finding {
                severity: Severity::Blocking,
                file: squashed.path.clone(),
                line: None,
                message: "this database has some of the migrations that it replaces, but not all, and their folders are gone"
                    .into(),
                remedy: format!("bring `{KEPT}/{}` back, from the version control", squashed.name),
            });
            continue;
        }
        found.unmarked.push(Unmarked { squashed, replaces });
    }
}

#[cfg(test)]
mod tests {
    use super::super::body::Body;
    use super::super::script::Script;
    use super::*;

    fn one(version: &str) -> OnDisk {
        OnDisk {
            version: version.into(),
            name: format!("{version}_x"),
            path: version.into(),
            transactional: true,
            up: Script {
                path: "up.sql".into(),
                body: Body::Text(String::new()),
                checksum: String::new(),
                checksum_normalised: String::new(),
                is_empty: false,
                sets_lock_timeout: false,
                row_security: Default::default(),
            },
            down: None,
            findings: vec![],
            replaces: None,
        }
    }

    fn item(of: &OnDisk) -> Item {
        match &of.replaces {
            None => Item::One(of.version.clone()),
            Some(replaces) => Item::Squashed(replaces.items.clone()),
        }
    }

    fn squashed(of: &[OnDisk], kept: bool) -> OnDisk {
        let last = of.last().unwrap();
        OnDisk {
            name: format!("{}_squashed", last.version),
            replaces: Some(Replaces {
                items: of.iter().map(item).collect(),
                kept: if kept { of.to_vec() } else { vec![] },
            }),
            ..one(&last.version)
        }
    }

    #[track_caller]
    fn check(on_disk: &[OnDisk], applied: &str, expected: &str) {
        let rows: Vec<Applied> = applied
            .split_whitespace()
            .map(|version| Applied { version: version.into(), run_on: String::new() })
            .collect();
        let found = effective(on_disk, &rows, &[]);
        let mut words: Vec<String> = found.migrations.iter().map(|one| one.name.clone()).collect();
        words.extend(found.unmarked.iter().map(|one| format!("mark:{}", one.squashed.name)));
        words.extend(found.settled.iter().map(|one| format!("settled:{one}")));
        words.extend(found.findings.iter().map(|_| "finding".to_owned()));
        assert_eq!(words.join(" "), expected, "applied: {applied}");
    }

    #[test]
    fn a_database_sees_the_old_ones_only_where_it_has_some_of_them() {
        let all = [squashed(&[one("1"), one("2"), one("3")], true), one("4")];
        check(&all, "", "3_squashed 4_x");
        check(&all, "3", "3_squashed 4_x");
        check(&all, "3 4", "3_squashed 4_x");
        check(&all, "1 2 3", "1_x 2_x 3_x 4_x mark:3_squashed");
        check(&all, "1 2", "1_x 2_x 3_x 4_x mark:3_squashed");
        check(&all, "2 3 4", "1_x 2_x 3_x 4_x mark:3_squashed");
    }

    #[test]
    fn without_the_old_folders_a_database_needs_all_or_none() {
        let all = [squashed(&[one("1"), one("2"), one("3")], false), one("4")];
        check(&all, "", "3_squashed 4_x");
        check(&all, "3", "3_squashed 4_x");
        check(&all, "1 2 3", "3_squashed 4_x mark:3_squashed settled:1 settled:2");
        check(&all, "1 2", "4_x finding");
    }

    #[test]
    fn a_squash_of_squashes_knows_databases_of_every_age() {
        for kept in [true, false] {
            let inner = squashed(&[one("1"), one("2")], kept);
            let all = [squashed(&[inner, one("3"), one("4")], kept)];
            check(&all, "", "4_squashed");
            check(&all, "4", "4_squashed");
            let marked_once = "2 3 4";
            let never_marked = "1 2 3 4";
            if kept {
                check(&all, marked_once, "2_squashed 3_x 4_x mark:4_squashed");
                check(&all, never_marked, "1_x 2_x 3_x 4_x mark:4_squashed");
                check(&all, "2", "2_squashed 3_x 4_x mark:4_squashed");
                check(&all, "1", "1_x 2_x 3_x 4_x mark:4_squashed");
            } else {
                check(&all, marked_once, "4_squashed mark:4_squashed settled:1 settled:2 settled:3");
                check(&all, never_marked, "4_squashed mark:4_squashed settled:1 settled:2 settled:3");
                check(&all, "2", "finding");
            }
        }
    }
}
