//! The second half of the loop: what the desired state has more becomes a migration, which is proved, shown, written, applied.

use anyhow::{Context as _, Result};

use crate::context::Context;
use crate::engine::catalog::Id;
use crate::engine::guard::Deed;
use crate::engine::ledger::Ledger;
use crate::engine::migrations::{Folder, State, reconcile};
use crate::engine::plan::{Plan, Wishes, plan};
use crate::engine::proof::Proof;
use crate::engine::source::Source;
use crate::engine::weigh::weigh;
use crate::exit::{CommandError, Exit};
use crate::pg::session::Session;

use crate::commands::ask::permission;
use crate::commands::drafts::{self, Drafts, Made, Wanted as Drafting};
use crate::commands::open::Chosen;
use crate::commands::wishes::Renames;

use super::report::MigrateReport;
use super::three::{Three, Wanted};
use super::{Args, asked, pending, questions};

/// The whole of it, in a database to which everything pending was applied.
pub(super) fn whole(
    args: &Args,
    cx: &Context,
    chosen: &Chosen,
    mut report: MigrateReport,
    wanted: Option<&Wanted>,
) -> Result<(MigrateReport, Exit)> {
    let Some(wanted) = wanted else { return Ok((report, Exit::Ok)) };
    let (mut session, ledger) = chosen.opening.look()?;
    let three = Three::read(wanted, cx, Some(&mut session), false)?;
    if let Some(exit) = edited(args, cx, &three, &mut report)? {
        return Ok((report, exit));
    }
    let place = chosen.guarded(&cx.config, &ledger);
    let protection = place.protection();
    if protection.protected {
        return Err(CommandError::Refused {
            why: format!(
                "new migrations are made on a developer's own database: {}",
                protection.because.join("; ")
            ),
            remedy: "`--create-only` writes it and applies nothing; `pgkeel deploy` applies it".into(),
        }
        .into());
    }
    let made = Making { args, cx, three: &three, asks: true, source: wanted }.run(Some(&mut session))?;
    drop(session);
    let drafts = drafts::draft(cx, made.drafting())?;
    show(cx, &drafts, &made.way);
    let losses = questions::losses(&made.weighed);
    if !three.is_there() && !losses.is_empty() {
        let what = format!("this loses data of your database\n  {}", losses.join("\n  "));
        permission(cx, &place, Deed::Other, false, &what)?;
    }
    let known: Vec<&str> = ledger.applied.iter().map(|row| row.version.as_str()).collect();
    let written = drafts::write(cx, &drafts.news, &known)?;
    report.migrations = Made::all(&drafts.news, &written, &cx.config.root);
    if three.is_there() {
        drafts::record(cx, chosen, "migrate", &written, three.live.as_ref().unwrap_or(&three.wanted))?;
        report.recorded = true;
    } else {
        let folder = Folder::read(&cx.config.migrations.value)?;
        let applied = pending::again(args, cx, &folder, chosen).with_context(|| {
            format!("`{}` is written and proved, and could not be applied", written[0].name)
        })?;
        report.applied.extend(applied);
    }
    Ok((report, Exit::Ok))
}

/// What it would be, without a proof and without a trace.
pub(super) fn dry(
    args: &Args,
    cx: &Context,
    mut report: MigrateReport,
    (mut session, _): (Session, Ledger),
    wanted: Option<&Wanted>,
) -> Result<(MigrateReport, Exit)> {
    let Some(wanted) = wanted else { return Ok((report, Exit::Ok)) };
    let is_behind = !report.applied.is_empty();
    if is_behind && matches!(wanted, Wanted::Live) {
        cx.ui.note("what was changed by hand can be told once what is pending is applied");
        return Ok((report, Exit::Ok));
    }
    let three = Three::read(wanted, cx, (!is_behind).then_some(&mut session), false)?;
    if let Some(exit) = edited(args, cx, &three, &mut report)? {
        return Ok((report, exit));
    }
    let making = Making { args, cx, three: &three, asks: true, source: wanted };
    let made = making.run((!is_behind).then_some(&mut session))?;
    let drafts = Drafts { news: made.unproved(), proof: Proof::default() };
    report.migrations = Made::all(&drafts.news, &[], &cx.config.root);
    Ok((report, Exit::Ok))
}

/// Only write it: whatever would be asked is left to the person who reads it.
pub(super) fn only(
    args: &Args,
    cx: &Context,
    chosen: &Chosen,
    folder: &Folder,
    wanted: Option<&Wanted>,
) -> Result<MigrateReport> {
    let mut report = MigrateReport { create_only: true, ..MigrateReport::default() };
    let Some(wanted) = wanted else { return Ok(report) };
    let mut session = None;
    if matches!(wanted, Wanted::Live) {
        let (live, ledger) = chosen.look(cx)?;
        let standing = reconcile(&folder.migrations, &ledger.applied, &ledger.recorded);
        if standing.count(State::Pending) + standing.count(State::OutOfOrder) > 0 {
            return Err(CommandError::Pending {
                message: "what was changed by hand can be told only once what is pending is applied".into(),
                hint: "`pgkeel migrate` applies it".into(),
            }
            .into());
        }
        report.database.clone_from(&ledger.facts.database);
        session = Some(live);
    }
    let three = Three::read(wanted, cx, session.as_mut(), false)?;
    report.same = Some(three.label.clone());
    if three.changes().is_empty() {
        return Ok(report);
    }
    let made = Making { args, cx, three: &three, asks: false, source: wanted }.run(session.as_mut())?;
    drop(session);
    let drafts = drafts::draft(cx, made.drafting())?;
    show(cx, &drafts, &made.way);
    let written = drafts::write(cx, &drafts.news, &[])?;
    report.migrations = Made::all(&drafts.news, &written, &cx.config.root);
    Ok(report)
}

/// What was done by hand, explained. An exit where there is nothing more to do, or no way to do it.
fn edited(args: &Args, cx: &Context, three: &Three, report: &mut MigrateReport) -> Result<Option<Exit>> {
    let drift = three.drift();
    report.drift = drift.iter().map(ToString::to_string).collect();
    let is_done = three.changes().is_empty();
    if is_done {
        report.same = Some(three.label.clone());
    }
    if drift.is_empty() {
        return Ok(is_done.then_some(Exit::Ok));
    }
    if three.is_there() && !is_done {
        return Ok(None);
    }
    let what = format!(
        "your database was changed by hand: {} in it differ{} from what the migrations make\n  {}",
        objects(drift.len()),
        if drift.len() == 1 { "s" } else { "" },
        listed(&drift)
    );
    if !is_done && !three.collides() {
        cx.ui.warn(&format!(
            "{what}\nit is left as it is; `pgkeel drift --fix --name NAME` takes it into a migration"
        ));
        return Ok(None);
    }
    let mut hints = vec![
        "`pgkeel drift` shows each, with both definitions".to_owned(),
        format!(
            "to keep them: `pgkeel drift --fix --name {}` takes them into a migration that others get, too",
            args.name.as_deref().unwrap_or("NAME")
        ),
        "to undo them: `pgkeel drift --sql` prints the SQL".to_owned(),
    ];
    if !is_done {
        hints.push("to write the migration all the same: `--create-only`".to_owned());
    }
    Err(CommandError::Edited { what, hints }.into())
}

fn objects(n: usize) -> String {
    if n == 1 { "1 object".to_owned() } else { format!("{n} objects") }
}

fn listed(ids: &[Id]) -> String {
    const MOST: usize = 10;
    let mut lines: Vec<String> = ids.iter().take(MOST).map(ToString::to_string).collect();
    if ids.len() > MOST {
        lines.push(format!("… and {} more", ids.len() - MOST));
    }
    lines.join("\n  ")
}

/// Shown before anybody is asked, so that a person can say no.
fn show(cx: &Context, drafts: &Drafts, way: &Plan) {
    if cx.ui.is_json() {
        return;
    }
    for made in Made::all(&drafts.news, &[], &cx.config.root) {
        cx.ui.note(&made.sql());
    }
    cx.ui.note(&format!(
        "{}{}",
        drafts::proved(&drafts.proof),
        match drafts.news.len() {
            1 => String::new(),
            n => format!("; {n} migrations, because {}", why_split(way)),
        }
    ));
}

fn why_split(way: &Plan) -> &'static str {
    match way.steps.iter().all(|step| step.in_transaction) {
        true => "something must be committed before it is used",
        false => "something cannot be in a transaction",
    }
}

/// From the three catalogs to a plan that can be carried out.
struct Making<'a> {
    args: &'a Args,
    cx: &'a Context,
    three: &'a Three,
    /// Whether what is not known is asked or refused; else it is left open.
    asks: bool,
    source: &'a Wanted,
}

struct Planned<'a> {
    slug: String,
    three: &'a Three,
    wishes: Wishes,
    way: Plan,
    /// With what it means for the rows of this database, which is no business of the files.
    weighed: Plan,
}

impl<'a> Making<'a> {
    fn run(&self, mut live: Option<&mut Session>) -> Result<Planned<'a>> {
        let Self { args, cx, three, asks, source } = *self;
        let (old, new) = (&three.migrations, &three.wanted);
        let nowhere = Source::Empty;
        let source = if let Wanted::Source(source) = source { source } else { &nowhere };
        let fill = asked::columns("fill", &args.asked.fill, new)?;
        let using = asked::columns("using", &args.asked.using, new)?;
        let slug = questions::name(args.name.as_deref(), asks, three, cx)?;
        let renames = Renames::between((old, new), &args.asked.rename, source, cx)?.said;
        let mut wishes = Wishes { renames, online: args.online, fill, using, ..Wishes::default() };
        loop {
            let mut way = plan(old, new, &wishes)?;
            let mut weighed = way.clone();
            if let Some(session) = live.as_deref_mut() {
                weigh(session, &mut weighed)?;
            }
            if asks && !three.is_there() {
                if !args.asked.no_rename {
                    questions::renames(&weighed, cx)?;
                }
                if questions::values(&weighed, new, &mut wishes, cx)? {
                    continue;
                }
                way = way.decided();
            }
            return Ok(Planned { slug, three, wishes, way, weighed });
        }
    }
}

impl Planned<'_> {
    fn drafting(&self) -> Drafting<'_> {
        Drafting {
            command: "migrate",
            slug: &self.slug,
            old: &self.three.migrations,
            new: &self.three.wanted,
            way: &self.way,
            wishes: &self.wishes,
        }
    }

    /// What the plan says, without a way back.
    fn unproved(&self) -> Vec<crate::engine::migrations::write::New> {
        crate::engine::proof::drafted(&self.way, &self.slug)
    }
}
