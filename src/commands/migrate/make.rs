//! The second half of the loop: what the desired state has more becomes a migration, which is proved, shown, written, applied.

use anyhow::Result;

use crate::context::Context;
use crate::engine::catalog::{Catalog, Id};
use crate::engine::drift::ignore::without;
use crate::engine::guard::Deed;
use crate::engine::ledger::{Ledger, RecordedState};
use crate::engine::migrations::write::Written;
use crate::engine::migrations::{Folder, State, reconcile};
use crate::engine::plan::{Plan, Wishes, plan};
use crate::engine::source::Source;
use crate::engine::weigh::weigh;
use crate::exit::CommandError;
use crate::pg::session::Session;

use crate::commands::ask::permission;
use crate::commands::drafts::{self, Home, Made, Wanted as Drafting};
use crate::commands::drifting::{Counting, Looking};
use crate::commands::open::Chosen;
use crate::commands::wishes::{Renames, decided};

use super::report::MigrateReport;
use super::three::{Three, Wanted};
use super::{Args, asked, pending, questions};
use crate::commands::said::folder_if_any;

/// The whole of it, in a database to which everything pending was applied.
pub(super) fn whole(
    args: &Args,
    cx: &Context,
    chosen: &Chosen,
    report: &mut MigrateReport,
    wanted: Option<&Wanted>,
) -> Result<()> {
    let (mut session, ledger) = chosen.opening.look()?;
    let Some(wanted) = wanted else { return hand(cx, chosen, &mut session, &ledger) };
    let three = Three::read(wanted, cx, Some((&mut session, &ledger, chosen)))?;
    if edited(args, cx, &three, report)? {
        return Ok(());
    }
    let making = Making { args, cx, three: &three, asks: true, source: wanted };
    let made = making.run(Some(&mut session))?;
    drop(session);
    let drafts = drafts::draft(cx, made.drafting())?;
    drafts::show(cx, &drafts, &made.way);
    if let Some(what) = made.losses().filter(|_| !three.is_there) {
        permission(cx, &chosen.guarded(&cx.config, &ledger), Deed::Other, false, &what)?;
    }
    let locked = pending::lock(cx, chosen, chosen.opening.connect()?)?;
    anyhow::ensure!(
        locked.ledger.applied == ledger.applied,
        "another run changed the history meanwhile, and nothing was written; run `pgkeel migrate` again"
    );
    let root = &cx.config.root;
    if three.is_there {
        let (expected, change) = (three.expected(), (&three.migrations, &three.wanted));
        let home = Home { locked, command: "migrate", expected: &expected, change };
        report.migrations = Made::all(&drafts.news, &home.takes(cx, &drafts.news)?, root);
        report.recorded = true;
        return Ok(());
    }
    let known: Vec<&str> = ledger.applied.iter().map(|row| row.version.as_str()).collect();
    let written = drafts::write(cx, &drafts.news, &known)?;
    let folder = folder_if_any(cx)?;
    match pending::run(args, cx, &folder, locked) {
        Ok(applied) => {
            report.migrations = Made::all(&drafts.news, &written, root);
            report.applied.extend(applied);
            Ok(())
        }
        Err(error) => {
            let left = left(cx, chosen, &written);
            Err(error.context(match left.as_slice() {
                [] => {
                    "the migration was proved, and cannot be applied to your rows; it was not kept".to_owned()
                }
                names => format!("`{}` is written and proved, and was not applied", names.join("`, `")),
            }))
        }
    }
}

/// The new migrations that are still to be applied. Where none of them left a trace in the database, all are taken away again:
/// they would be in the way of all that follows.
fn left<'a>(cx: &Context, chosen: &Chosen, written: &'a [Written]) -> Vec<&'a str> {
    let names = written.iter().map(|one| one.name.as_str()).collect();
    let Ok((_, ledger)) = chosen.opening.look() else { return names };
    let is_applied = |one: &&Written| ledger.applied.iter().any(|row| row.version == one.version);
    let is_recorded =
        |one: &&Written| ledger.find(&one.version).is_some_and(|row| row.state != RecordedState::RolledBack);
    if written.iter().any(|one| is_applied(&one) || is_recorded(&one)) {
        return written.iter().filter(|one| !is_applied(one)).map(|one| one.name.as_str()).collect();
    }
    let folder = &cx.config.migrations.value;
    match written.iter().all(|one| std::fs::remove_dir_all(folder.join(&one.name)).is_ok()) {
        true => Vec::new(),
        false => names,
    }
}

/// Without a desired state: what was done by hand is told, where that is known without a replay.
fn hand(cx: &Context, chosen: &Chosen, session: &mut Session, ledger: &Ledger) -> Result<()> {
    let counting = Counting::of(cx)?;
    let looking = Looking { cx, chosen, command: "migrate", counting: &counting };
    let Some(expected) = looking.known(session, ledger)? else { return Ok(()) };
    let live = looking.live(session)?;
    let counted = |catalog: &Catalog| without(catalog, &counting.rules).0;
    let (expected, live) = (counted(&expected), counted(&live));
    let ids: Vec<Id> =
        expected.differences(&live, &counting.scope).iter().map(|one| one.id().clone()).collect();
    if !ids.is_empty() {
        cx.ui.warn(&format!("{}\n`pgkeel migrate --name NAME` takes it into a migration", by_hand(&ids)));
    }
    Ok(())
}

/// What it would be, without a proof and without a trace.
pub(super) fn dry(
    args: &Args,
    cx: &Context,
    mut report: MigrateReport,
    chosen: &Chosen,
    (mut session, ledger): (Session, Ledger),
    wanted: Option<&Wanted>,
) -> Result<MigrateReport> {
    let Some(wanted) = wanted else { return Ok(report) };
    let is_behind = !report.applied.is_empty();
    if is_behind && matches!(wanted, Wanted::Live) {
        cx.ui.note("what was changed by hand can be told once what is pending is applied");
        return Ok(report);
    }
    let live = (!is_behind).then_some((&mut session, &ledger, chosen));
    let three = Three::read(wanted, cx, live)?;
    if edited(args, cx, &three, &mut report)? {
        return Ok(report);
    }
    let making = Making { args, cx, three: &three, asks: true, source: wanted };
    let made = making.run((!is_behind).then_some(&mut session))?;
    if let Some(what) = made.losses().filter(|_| !three.is_there) {
        cx.ui.warn(&what);
    }
    report.migrations = Made::all(&made.unproved(), &[], &cx.config.root);
    Ok(report)
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
    let mut looked = None;
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
        looked = Some((live, ledger));
    }
    let three =
        Three::read(wanted, cx, looked.as_mut().map(|(session, ledger)| (session, &*ledger, chosen)))?;
    report.same = Some(three.label.clone());
    if three.changes.is_empty() {
        return Ok(report);
    }
    let made = Making { args, cx, three: &three, asks: false, source: wanted }
        .run(looked.as_mut().map(|(session, _)| session))?;
    drop(looked);
    let drafts = drafts::draft(cx, made.drafting())?;
    drafts::show(cx, &drafts, &made.way);
    let written = drafts::write(cx, &drafts.news, &[])?;
    report.migrations = Made::all(&drafts.news, &written, &cx.config.root);
    Ok(report)
}

/// What was done by hand, explained. Whether there is nothing more to do.
fn edited(args: &Args, cx: &Context, three: &Three, report: &mut MigrateReport) -> Result<bool> {
    report.drift = three.drift.iter().map(ToString::to_string).collect();
    let is_done = three.changes.is_empty();
    if is_done {
        report.same = Some(three.label.clone());
    }
    // What the new migration says is no drift any more.
    let drift: Vec<Id> = match three.is_there {
        true => three.drift.iter().filter(|id| !three.changes.contains(id)).cloned().collect(),
        false => three.drift.clone(),
    };
    if drift.is_empty() {
        return Ok(is_done);
    }
    let what = by_hand(&drift);
    if !is_done && !three.collides(&drift) {
        cx.ui.warn(&format!(
            "{what}\nit is left as it is; `pgkeel drift --fix --name NAME` takes it into a migration"
        ));
        return Ok(false);
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

fn by_hand(ids: &[Id]) -> String {
    format!(
        "your database was changed by hand: {} in it differ{} from what the migrations make\n  {}",
        objects(ids.len()),
        if ids.len() == 1 { "s" } else { "" },
        listed(ids)
    )
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
    trust: &'a [String],
}

impl<'a> Making<'a> {
    fn run(&self, mut live: Option<&mut Session>) -> Result<Planned<'a>> {
        let Self { args, cx, three, asks, source } = *self;
        let (old, new) = (&three.migrations, &three.wanted);
        let nowhere = Source::Empty;
        let source = if let Wanted::Source(source) = source { source } else { &nowhere };
        let fill = asked::columns("fill", &args.asked.fill, new)?;
        let using = asked::columns("using", &args.asked.using, new)?;
        asked::are_about_changes([("fill", &fill), ("using", &using)], &three.changes)?;
        let slug = questions::name(args.name.as_deref(), asks, three, cx)?;
        let renames = Renames::between((old, new), &args.asked.rename, source, cx)?.said;
        let mut wishes = Wishes { renames, online: args.online, fill, using, ..Wishes::default() };
        loop {
            let mut way = plan(old, new, &wishes)?;
            let mut weighed = way.clone();
            if let Some(session) = live.as_deref_mut() {
                weigh(session, &mut weighed)?;
            }
            if asks && !args.asked.no_rename {
                decided(&weighed, cx)?;
            }
            if asks && !three.is_there && questions::values(&weighed, new, &mut wishes, cx)? {
                continue;
            }
            if asks {
                way = way.decided();
            }
            return Ok(Planned { slug, three, wishes, way, weighed, trust: &args.trust_code_of });
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
            code: &self.three.code,
            trust: self.trust,
        }
    }

    /// What it loses of the rows of this database, if anything.
    fn losses(&self) -> Option<String> {
        let losses = questions::losses(&self.weighed);
        (!losses.is_empty()).then(|| format!("this loses data of your database\n  {}", losses.join("\n  ")))
    }

    /// What the plan says, without a way back.
    fn unproved(&self) -> Vec<crate::engine::migrations::write::New> {
        crate::engine::proof::drafted(&self.way, &self.slug)
    }
}
