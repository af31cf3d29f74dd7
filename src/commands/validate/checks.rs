//! The checks: each asks the engine, and turns what it says into findings.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Error, Result};

use crate::commands::generated;
use crate::commands::open::settings;
use crate::commands::said::migrations;
use crate::commands::seed_choice::chosen_files;
use crate::commands::sources::{self, Needs, catalog};
use crate::commands::watch::Watch;
use crate::context::Context;
use crate::engine::catalog::{Catalog, Difference};
use crate::engine::migrations::runner::Stopped;
use crate::engine::migrations::{Finding as Found, Folder, Severity};
use crate::engine::seeds::{SeedError, SeedFile};
use crate::engine::shadow::{As, Place, ShadowError};
use crate::engine::validate::{Fault, Left, Trial, TrialError, Trip, differing, trips};
use crate::engine::{Event, Observer};
use crate::exit::{Exit, Scene, problem};

use super::report::{Check, Checked, Finding, Rule, rules};

/// How many objects that differ are named in a finding.
const NAMED: usize = 10;

/// What is said of a replay by a role that bypasses policies.
pub(super) const UNCHECKED: &str = "row-level security not checked";

/// What is done where an ordinary owner gets another result.
const INSTEAD: &str = "they are checked as the role that connects";

/// What is wrong, or worth a word, in the migrations folder.
pub(super) fn layout(folder: &Folder, cx: &Context) -> Checked {
    let all = folder.findings.iter().chain(folder.migrations.iter().flat_map(|one| &one.findings));
    // What a stopped squash has left is read as if it had moved; Diesel does not know that.
    let is_stopped = |found: &Found| folder.unmoved.iter().any(|one| one.path == found.file);
    let blocking = |found: &Found| Found { severity: Severity::Blocking, ..found.clone() };
    let findings = all
        .map(|found| match is_stopped(found) {
            true => laid_out(&blocking(found), rules::LAYOUT, cx),
            false => laid_out(found, rules::LAYOUT, cx),
        })
        .collect();
    Checked::of(Check::Layout, migrations(folder.migrations.len()), findings)
}

fn laid_out(found: &Found, blocking: Rule, cx: &Context) -> Finding {
    let rule = if found.severity == Severity::Blocking { blocking } else { rules::LAYOUT_NOTE };
    Finding::new(rule, &found.message, &found.remedy).at(shown(cx, &found.file), found.line)
}

/// The seeds of this environment, or what keeps them from being read.
pub(super) fn seed_files(cx: &Context) -> Result<Vec<SeedFile>, Box<Checked>> {
    let unreadable = |error: Error| {
        let findings = match error.downcast_ref::<SeedError>() {
            Some(SeedError::Findings(all)) => {
                all.iter().map(|found| laid_out(found, rules::SEEDS_LAYOUT, cx)).collect()
            }
            _ => vec![told(&error, rules::SEEDS_LAYOUT, cx)],
        };
        Box::new(Checked::of(Check::Seeds, "the seed files", findings))
    };
    chosen_files(cx, &[], &[]).map_err(unreadable)
}

/// What the migrations made, and as whom they ran.
pub(super) struct Made {
    pub(super) catalog: Catalog,
    pub(super) run: As,
    /// Whether they ran as a role that was made for the run.
    pub(super) stands_in: bool,
    /// The names of those that ran with the rights of the role that connects.
    pub(super) lent: BTreeSet<String>,
}

/// All migrations from nothing, then the seeds twice. Returns what they make.
pub(super) fn replay(
    folder: &Folder,
    place: &Place,
    seeds: &[SeedFile],
    cx: &Context,
) -> Result<(Checked, Option<Made>, Checked)> {
    let settings = settings(&cx.config, None);
    let none = BTreeSet::new();
    let trial = Trial { place, folder, settings: &settings, run: As::Owner, lent: &none };
    let what = format!("{} from nothing", migrations(folder.migrations.len()));
    let ended = {
        let _progress = cx.ui.progress("replaying the migrations in a shadow database");
        trial.replay(seeds, &mut Watch::new(&cx.ui))
    };
    let replayed = match ended {
        Ok(replayed) => replayed,
        Err(error) => {
            let error = of_migration(error)?;
            let checked = Checked::of(Check::Replay, what, vec![told(&error, rules::REPLAY, cx)]);
            return Ok((checked, None, waits(Check::Seeds)));
        }
    };
    let what = match replayed.is_checked {
        true => what,
        false => format!("{what}; {UNCHECKED}"),
    };
    let lent: BTreeSet<String> = replayed.lent.iter().map(|(name, _)| name.clone()).collect();
    let blind: BTreeSet<String> = replayed.blind.iter().chain(&lent).cloned().collect();
    let what = match replayed.is_checked && !blind.is_empty() {
        true => format!("{what}; {UNCHECKED} in {}", some(&blind)),
        false => what,
    };
    for (_, error) in &replayed.lent {
        cx.ui.note(&format!(
            "as an ordinary owner {}; it runs with the rights of the role that connects",
            first_line(error)
        ));
    }
    for name in replayed.blind.iter().filter(|name| !lent.contains(*name)) {
        cx.ui.note(&format!(
            "a DO block of `{name}` changes the role or catches errors: what a policy hides from it is not reported"
        ));
    }
    let run = match replayed.unlike {
        None => As::Owner,
        Some(error) => {
            cx.ui.note(&format!("as an ordinary owner {}; {INSTEAD}", first_line(&error)));
            As::Ourselves
        }
    };
    for one in &replayed.left_out {
        cx.ui.note(&one.to_string());
    }
    if let Some(command) = &cx.config.seed.command {
        cx.ui.note(&format!(
            "the seed command `{}` is not run in a shadow database: only files are",
            command.value
        ));
    }
    let seeds = match replayed.seeds {
        None => Checked::skipped(
            Check::Seeds,
            format!("there are none in `{}`", shown(cx, &cx.config.seed.dir.value)),
        ),
        Some(ended) => {
            let what = format!(
                "{}, twice",
                if seeds.len() == 1 { "1 file".into() } else { format!("{} files", seeds.len()) }
            );
            let what = match ended {
                Ok(false) => format!("{what}; {UNCHECKED}"),
                _ => what,
            };
            let findings = match ended {
                Ok(_) => Vec::new(),
                Err(error) => {
                    let twice = matches!(error, SeedError::NotIdempotent { .. });
                    let rule = if twice { rules::SEEDS_TWICE } else { rules::SEEDS_FAIL };
                    vec![told(&unless_interrupted(error.into(), cx)?, rule, cx)]
                }
            };
            Checked::of(Check::Seeds, what, findings)
        }
    };
    let made = Made { catalog: replayed.catalog, run, stands_in: replayed.stands_in, lent };
    Ok((Checked::of(Check::Replay, what, Vec::new()), Some(made), seeds))
}

/// What the migrations make as the role that connects, where that is something else than what they made as an ordinary owner.
pub(super) fn unlike(folder: &Folder, place: &Place, made: &Made, cx: &Context) -> Result<Option<Made>> {
    let settings = settings(&cx.config, None);
    let run = As::Ourselves;
    let none = BTreeSet::new();
    let trial = Trial { place, folder, settings: &settings, run, lent: &none };
    let replayed = {
        let _progress = cx.ui.progress("replaying the migrations as the role that connects");
        trial.replay(&[], &mut Hushed(Watch::new(&cx.ui)))?
    };
    let differences = differing(&made.catalog, &replayed.catalog);
    let Some(first) = differences.first() else { return Ok(None) };
    cx.ui.note(&format!(
        "as an ordinary owner the migrations make something else ({}); {INSTEAD}",
        first.id()
    ));
    Ok(Some(Made { catalog: replayed.catalog, run, stands_in: false, lent: none }))
}

/// Each migration from one on up, down and up again.
pub(super) fn up_down_up(
    (folder, from): (&Folder, usize),
    place: &Place,
    made: &Made,
    cx: &Context,
) -> Result<Checked> {
    let settings = settings(&cx.config, None);
    let trial = Trial { place, folder, settings: &settings, run: made.run, lent: &made.lent };
    let found = {
        let _progress = cx.ui.progress("taking each migration up, down and up again");
        trips(&trial, from, &made.catalog, &mut Hushed(Watch::new(&cx.ui)))?
    };
    let names: BTreeSet<&str> = found.faults.iter().map(|trip| trip.name.as_str()).collect();
    let mut what = match names.len() {
        0 => migrations(found.made),
        n => format!("{n} of {}", migrations(found.made)),
    };
    if !found.one_way.is_empty() {
        what.push_str(&format!(", {} without a way down", found.one_way.len()));
    }
    let findings = found.faults.into_iter().map(|trip| fault(trip, cx)).collect();
    Ok(Checked::of(Check::UpDownUp, what, findings))
}

/// What the server has to say was told when the migrations were replayed.
struct Hushed<'a>(Watch<'a>);

impl Observer for Hushed<'_> {
    fn event(&mut self, event: Event) {
        if !matches!(event, Event::Notice { .. } | Event::MoreNotices { .. } | Event::Elevated { .. }) {
            self.0.event(event);
        }
    }
}

fn fault(trip: Trip, cx: &Context) -> Finding {
    let Trip { name, file, fault } = trip;
    let file = shown(cx, &file);
    let fails = |error: ShadowError, rule| {
        let is_sql = matches!(error, ShadowError::Migrations(_));
        let mut finding = told(&error.into(), rule, cx);
        if is_sql {
            finding.remedy = format!("mend {file}, then `pgkeel validate`");
        }
        // An error at COMMIT has no place of its own.
        if finding.file.is_some() { finding } else { finding.at(&file, None) }
    };
    match fault {
        Fault::DownFails(error) => fails(error, rules::DOWN_FAILS),
        Fault::AgainFails(error) => fails(error, rules::AGAIN_FAILS),
        Fault::DownLeaves(left) => Finding::new(
            rules::DOWN_LEAVES,
            format!("after up and down of `{name}` the schema is not as it was: {}", listed(&left)),
            "write what undoes the rest of up.sql",
        )
        .at(&file, None),
        Fault::AgainDiffers(left) => Finding::new(
            rules::AGAIN_DIFFERS,
            format!("`{name}` does not make the same a second time: {}", listed(&left)),
            "make up.sql say what it wants, whatever was there before",
        )
        .at(&file, None),
    }
}

fn listed(left: &[Left]) -> String {
    let mut names: Vec<String> = left.iter().take(NAMED).map(ToString::to_string).collect();
    if left.len() > NAMED {
        names.push(format!("and {} more", left.len() - NAMED));
    }
    names.join("; ")
}

/// Whether the migrations make the desired state.
pub(super) fn desired(made: &Catalog, cx: &Context) -> Result<Checked> {
    let schema = &cx.config.schema.value;
    let file = shown(cx, schema);
    let source = match sources::desired(cx) {
        Ok(Some(source)) => source,
        Ok(None) => {
            return Ok(Checked::skipped(Check::DesiredState, format!("there is no desired state `{file}`")));
        }
        Err(error) => {
            return Ok(Checked::of(Check::DesiredState, &file, vec![told(&error, rules::DESIRED_FAILS, cx)]));
        }
    };
    let major = u32::try_from(made.server / 10_000).ok();
    let needs = Needs { major, ..Needs::default() };
    let read = sources::prepare(&source, cx, "validate", needs).and_then(|prepared| catalog(prepared, cx));
    let wanted = match read {
        Ok((wanted, _)) => wanted,
        Err(error) => {
            let error = of_schema(error, cx)?;
            return Ok(Checked::of(Check::DesiredState, &file, vec![told(&error, rules::DESIRED_FAILS, cx)]));
        }
    };
    let one = |difference: &Difference<'_>| {
        let id = difference.id();
        let message = match difference {
            Difference::Missing(_) => format!("{id} is in the desired state, and no migration makes it"),
            Difference::Extra(_) => format!("the migrations make {id}, and it is not in the desired state"),
            Difference::Other(_, _, names) => {
                let names: Vec<String> = names.iter().map(|name| name.replace('_', " ")).collect();
                format!("{id} has another {} in the desired state than the migrations make", names.join(", "))
            }
        };
        let remedy =
            "`pgkeel migrate --name …` writes the migration that is missing; or mend the desired state";
        Finding::new(rules::DESIRED_DIFFERS, message, remedy).at(&file, None)
    };
    let findings = differing(made, &wanted).iter().map(one).collect();
    Ok(Checked::of(Check::DesiredState, file, findings))
}

/// Whether the generated files are those of the migrations.
pub(super) fn generated(made: &Catalog, cx: &Context) -> Result<Checked> {
    let sections = generated::sections(cx)?;
    if sections.iter().all(|section| section.file.is_none()) {
        return Ok(Checked::skipped(Check::Generated, "diesel.toml names no file that is generated"));
    }
    let files = match generated::check(cx, made, &sections) {
        Ok(files) => files,
        Err(error) => {
            let finding = told(&error, rules::GENERATED_FAILS, cx);
            return Ok(Checked::of(Check::Generated, "diesel.toml", vec![finding]));
        }
    };
    let one = |file: &generated::Generated| {
        let remedy = "`pgkeel generate --from migrations` writes it anew; commit it";
        Finding::new(rules::GENERATED_STALE, file.said(), remedy).at(&file.path, None)
    };
    let what = files.iter().map(|file| file.path.clone()).collect::<Vec<_>>().join(", ");
    let findings = files.iter().filter(|file| !file.is_fresh()).map(one).collect();
    Ok(Checked::of(Check::Generated, what, findings))
}

/// The first of some migrations.
fn some(names: &BTreeSet<String>) -> String {
    let mut all: Vec<String> = names.iter().take(3).map(|name| format!("`{name}`")).collect();
    if names.len() > all.len() {
        all.push(format!("{} more", names.len() - all.len()));
    }
    all.join(", ")
}

/// Which migration fails, and why.
fn first_line(error: &ShadowError) -> String {
    let (name, cause) = match error {
        ShadowError::Migrations(Stopped::Migration(why)) => (why.step.name.as_str(), why.cause.to_string()),
        other => return other.to_string(),
    };
    format!("migration `{name}` fails ({})", cause.lines().next().unwrap_or_default())
}

/// What hangs on a check that failed.
pub(super) fn waits(check: Check) -> Checked {
    Checked::skipped(check, "the migrations do not apply")
}

/// An error as a finding: the text, place and hints that it has everywhere.
fn told(error: &Error, rule: Rule, cx: &Context) -> Finding {
    let told = problem(error, Scene { root: &cx.config.root, again: "pgkeel validate" });
    let finding = Finding::new(rule, told.message, told.hints.join("; "));
    match told.place {
        Some((file, line)) => finding.at(file, line),
        None => finding,
    }
}

/// An error of a migration; whatever else it is ends the run.
fn of_migration(error: TrialError) -> Result<Error> {
    match error {
        TrialError::Shadow(
            error @ (ShadowError::Refused { .. }
            | ShadowError::Roles { .. }
            | ShadowError::Lex { .. }
            | ShadowError::Migrations(_)
            | ShadowError::Plan(_)),
        ) => is_end(error.into()),
        other => Err(other.into()),
    }
}

/// An error of the desired state; whatever else it is ends the run.
fn of_schema(error: Error, cx: &Context) -> Result<Error> {
    use ShadowError::{Lex, NotUtf8, Refused, Roles, Statement};
    match error.downcast_ref::<ShadowError>() {
        Some(Refused { .. } | Roles { .. } | Lex { .. } | NotUtf8 { .. } | Statement { .. }) => {
            unless_interrupted(error, cx)
        }
        _ => Err(error),
    }
}

fn unless_interrupted(error: Error, cx: &Context) -> Result<Error> {
    if cx.interrupt.is_raised() { Err(error) } else { Ok(error) }
}

/// What Ctrl-C, or a lost connection, has ended is no fault of the migration.
fn is_end(error: Error) -> Result<Error> {
    let told = problem(&error, Scene { root: Path::new(""), again: "" });
    let is_own = told.code != Exit::Interrupted as u8 && told.code != Exit::NoConnection as u8;
    if is_own { Ok(error) } else { Err(error) }
}

fn shown(cx: &Context, path: &Path) -> String {
    path.strip_prefix(&cx.config.root).unwrap_or(path).display().to_string()
}
