//! `pgkeel backup verify`: prove backups again, and write down in each what was found.

use std::path::Path;
use std::time::Instant;

use anyhow::Result;
use chrono::{DateTime, Utc};
use clap::Args as ClapArgs;
use serde::Serialize;

use crate::commands::backups::{age, catalogue, configured, identity, jobs, now, only, search, shown};
use crate::commands::open::{choose, opening};
use crate::commands::watch::Watch;
use crate::context::{Context, Fallback};
use crate::engine::backup::catalogue::{Catalogue, FindError, Kept};
use crate::engine::backup::check::{Damage, Reading, verify_l0, verify_l1};
use crate::engine::backup::manifest::{Level, ManifestError, Verification};
use crate::engine::backup::name::BackupId;
use crate::engine::backup::prove::{Prove, prove};
use crate::engine::backup::record::{hold, update};
use crate::engine::restore::RestoreError;
use crate::exit::{CommandError, Exit};
use crate::pg::secret::Secret;
use crate::pg::url::DatabaseUrl;
use crate::ui::{Page, Report, Tone};

/// Prove backups again
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Levels: 0 the sizes of all files; 1 every byte read back: checksums, rows, digests; 2 restored into a database
that is dropped afterwards, and compared; 3 and the contents of every table compared. What is found is written into the
backup's manifest. Exit status: 0 all is as it should be, 10 something is damaged or cannot be restored.

Examples:
  pgkeel backup verify                      the latest, read back
  pgkeel backup verify latest --level 2     restored on trial, on the configured server
  pgkeel backup verify --all --level 0      all of the configured database, quickly"
)]
pub(super) struct Args {
    /// Its id, the beginning or end of it, its label, or `latest`
    #[arg(value_name = "ID", default_value = "latest", conflicts_with = "all")]
    backup: String,

    /// Every backup: of the configured database, or of all where none is configured
    #[arg(long)]
    all: bool,

    /// How far: 0 to 3
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(0..=3))]
    level: u8,

    /// For levels 2 and 3: the server to restore on, by the URL of any database of it [default: the configured one]
    #[arg(long, value_name = "URL")]
    verify_url: Option<Secret>,

    /// Parallel jobs
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    jobs: Option<u32>,

    /// Run the code of this role with the rights of the superuser that connects
    #[arg(long, value_name = "ROLE")]
    trust_code_of: Vec<String>,

    /// File with the secret key of age
    #[arg(long, value_name = "FILE")]
    identity: Option<std::path::PathBuf>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct VerifyReport {
    level: Level,
    backups: Vec<Verified>,
    /// A sound backup of the same database to use in place of a damaged one.
    instead: Option<Instead>,
    #[serde(skip)]
    now: DateTime<Utc>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Verified {
    backup: String,
    level: Level,
    passed: bool,
    damages: Vec<Found>,
    notes: Vec<String>,
    took_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    restore_ms: Option<u64>,
}

/// The place of what a restore on trial failed at.
const TRIAL: &str = "trial restore";

/// What looking at one backup found.
struct Looked {
    /// How far it could be looked at.
    level: Level,
    damages: Vec<Damage>,
    notes: Vec<String>,
    restore_ms: Option<u64>,
    server_version: Option<i32>,
}

#[derive(Debug, Serialize)]
struct Found {
    file: String,
    what: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Instead {
    id: BackupId,
    taken_at: DateTime<Utc>,
    level: Level,
    proved_at: DateTime<Utc>,
}

/// What is to be verified.
enum Subject {
    Whole(Box<Kept>),
    /// Without a manifest nothing can be compared.
    Unreadable(String, ManifestError),
}

pub(super) fn run(args: &Args, root: &Path, cx: &mut Context) -> Result<Exit> {
    let level = [Level::L0, Level::L1, Level::L2, Level::L3][usize::from(args.level)];
    let subjects = subjects(args, catalogue(root)?, cx)?;
    let mut report = VerifyReport { level, backups: Vec::new(), instead: None, now: now(cx) };
    for subject in &subjects {
        report.backups.push(match subject {
            Subject::Whole(kept) => verify(kept, level, args, cx)?,
            Subject::Unreadable(backup, why) => Verified::unreadable(backup.clone(), why),
        });
    }
    let damaged = report.backups.iter().any(|one| !one.passed);
    if damaged {
        report.instead = instead(&subjects, &catalogue(root)?);
    }
    cx.ui.result(&report)?;
    Ok(if damaged { Exit::Unverified } else { Exit::Ok })
}

fn subjects(args: &Args, catalogue: Catalogue, cx: &Context) -> Result<Vec<Subject>> {
    let database = configured(cx);
    let unreadable = |path: &Path, why| Subject::Unreadable(shown(cx, path), why);
    if args.all {
        let catalogue = only(catalogue, database.as_deref());
        let whole = catalogue.backups.into_iter().map(|kept| Subject::Whole(Box::new(kept)));
        let broken = catalogue.unreadable.into_iter().map(|(path, why)| unreadable(&path, why));
        let subjects: Vec<_> = whole.chain(broken).collect();
        return if subjects.is_empty() {
            Err(FindError::Empty { of: database }.into())
        } else {
            Ok(subjects)
        };
    }
    match catalogue.find(&args.backup, database.as_deref().map(|name| (name, None))) {
        Ok(kept) => Ok(vec![Subject::Whole(Box::new(kept.clone()))]),
        Err(error) => {
            let named = |path: &Path| path.file_name().is_some_and(|name| name == args.backup.as_str());
            let broken = catalogue.unreadable.into_iter().find(|(path, _)| named(path));
            broken.map(|(path, why)| vec![unreadable(&path, why)]).ok_or_else(|| error.into())
        }
    }
}

fn verify(kept: &Kept, level: Level, args: &Args, cx: &Context) -> Result<Verified> {
    let begin = Instant::now();
    let in_use = hold(&kept.dir)?;
    let found = look(kept, level, args, cx)?;
    let level = found.level;
    let took_ms = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
    let passed = found.damages.is_empty();
    let notes = found.damages.iter().map(ToString::to_string).chain(found.notes.iter().cloned()).collect();
    let (restore_ms, server_version) = (found.restore_ms, found.server_version);
    let record = Verification { level, at: now(cx), passed, notes, took_ms, restore_ms, server_version };
    if let Err(error) = update(&kept.dir, |manifest| manifest.verifications.push(record)) {
        // A medium that cannot be written to any more can still be proved.
        cx.ui.warn(&format!("what was found could not be written into the manifest: {error}"));
    }
    drop(in_use);
    let damages = found.damages.into_iter().map(|one| Found { file: one.file, what: one.what }).collect();
    let backup = kept.manifest.id.to_string();
    Ok(Verified { backup, level, passed, damages, notes: found.notes, took_ms, restore_ms })
}

fn look(kept: &Kept, level: Level, args: &Args, cx: &Context) -> Result<Looked> {
    let identity = identity(cx, args.identity.as_deref());
    let reading =
        Reading { identity: identity.as_deref(), jobs: jobs(cx, args.jobs), interrupt: &cx.interrupt };
    match level {
        Level::L0 => {
            let damages = verify_l0(&kept.dir, &kept.manifest)?;
            Ok(Looked { damages, ..Looked::nothing(level) })
        }
        Level::L1 => {
            let verdict = verify_l1(&kept.dir, &kept.manifest, &reading, &mut Watch::new(&cx.ui))?;
            // Checksums say that it is the file that was written, not what is in it.
            let level = if verdict.is_sealed { Level::L0 } else { level };
            Ok(Looked { damages: verdict.damages, notes: verdict.notes, ..Looked::nothing(level) })
        }
        Level::L2 | Level::L3 => try_out(kept, level, reading, args, cx),
    }
}

/// Restore it into a database of its own, which is dropped whatever comes of it.
fn try_out(kept: &Kept, level: Level, reading: Reading<'_>, args: &Args, cx: &Context) -> Result<Looked> {
    let opening = match &args.verify_url {
        Some(url) => opening(cx, cx.config.complete(parse(url)?)?, "backup verify"),
        None => choose(cx, Fallback::Nothing, "backup verify")?.opening,
    };
    cx.ui.note(&format!("{} is restored on trial, on the server of {}", kept.manifest.id, opening.url));
    let prove_it = Prove {
        dir: &kept.dir,
        manifest: &kept.manifest,
        level,
        opening: &opening,
        search: &search(cx),
        jobs: reading.jobs,
        identity: reading.identity,
        trust: &args.trust_code_of,
    };
    let damage = |file: &str, what| Damage { file: file.to_owned(), what };
    match prove(&prove_it, &mut Watch::new(&cx.ui)) {
        Ok(proof) => Ok(Looked {
            level,
            damages: proof.differences.into_iter().map(|what| damage("restored database", what)).collect(),
            notes: proof.notes,
            restore_ms: Some(proof.restore_ms),
            server_version: Some(proof.server_version),
        }),
        Err(RestoreError::Damaged(found)) => {
            let damages = found.into_iter().map(|what| damage("read back", what)).collect();
            // It did not come to the restore.
            Ok(Looked { damages, ..Looked::nothing(Level::L1) })
        }
        Err(error) => match error.verdict() {
            Some(what) => Ok(Looked { damages: vec![damage(TRIAL, what)], ..Looked::nothing(level) }),
            None => Err(error.into()),
        },
    }
}

fn parse(url: &Secret) -> Result<DatabaseUrl> {
    DatabaseUrl::parse(url.expose()).map_err(|error| {
        let hint = "as in `postgres://user@host/postgres`".into();
        CommandError::Usage { message: format!("`--verify-url`: {error}"), hint }.into()
    })
}

/// The newest sound backup of the first damaged one's database that is proved.
fn instead(subjects: &[Subject], catalogue: &Catalogue) -> Option<Instead> {
    let source = subjects.iter().find_map(|subject| match subject {
        Subject::Whole(kept) => {
            let is_damaged = |other: &&Kept| other.dir == kept.dir && other.manifest.is_damaged();
            catalogue.backups.iter().find(is_damaged).map(|kept| &kept.manifest.source)
        }
        Subject::Unreadable(..) => None,
    })?;
    let place = (source.database.as_str(), source.system_identifier.as_deref());
    let sound = catalogue.of(place).rev().filter(|kept| kept.is_whole());
    sound.map(|kept| &kept.manifest).find_map(|manifest| {
        let (level, proved_at) = manifest.proved().filter(|(level, _)| *level >= Level::L1)?;
        Some(Instead { id: manifest.id.clone(), taken_at: manifest.created_at, level, proved_at })
    })
}

impl Looked {
    fn nothing(level: Level) -> Self {
        Self { level, damages: vec![], notes: vec![], restore_ms: None, server_version: None }
    }
}

impl Verified {
    fn unreadable(backup: String, why: &ManifestError) -> Self {
        let found = Found { file: "manifest.json".into(), what: why.to_string() };
        Self {
            backup,
            level: Level::L0,
            passed: false,
            damages: vec![found],
            notes: vec![],
            took_ms: 0,
            restore_ms: None,
        }
    }
}

impl Report for VerifyReport {
    fn text(&self, page: &mut Page) {
        for one in &self.backups {
            if one.passed {
                let ms = one.took_ms;
                page.line(&format!(
                    "{}: {} {:?}, {ms} ms",
                    one.backup,
                    page.paint(Tone::Good, "passed"),
                    one.level
                ));
            } else {
                // What the checksums say of the files is another matter.
                let restored = one.damages.iter().all(|found| found.file == TRIAL);
                let word = if restored { "failed its trial restore" } else { "damaged" };
                page.line(&format!("{}: {}", one.backup, page.paint(Tone::Bad, word)));
            }
            for found in &one.damages {
                page.line(&format!("  `{}`: {}", found.file, found.what));
            }
            for note in &one.notes {
                page.line(&format!("  note: {note}"));
            }
        }
        if self.backups.iter().all(|one| one.passed) {
            return;
        }
        match &self.instead {
            Some(instead) => page.line(&format!(
                "sound, by what is written in it: {}, taken {}, {:?} {}",
                instead.id,
                age(self.now, instead.taken_at),
                instead.level,
                age(self.now, instead.proved_at)
            )),
            None => page.line("no other backup of it is known to be sound: take one now, `pgkeel backup`"),
        }
    }
}
