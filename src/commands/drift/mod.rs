//! `pgkeel drift`: the live database against what its migrations make.

mod fix;
mod refresh;
mod report;

use anyhow::Result;
use clap::{ArgGroup, Args as ClapArgs};

use crate::context::{Context, Fallback};
use crate::engine::plan::{Plan, Rename, Wishes, plan};
use crate::engine::weigh::weigh;
use crate::exit::Exit;
use crate::pg::session::Session;

use crate::commands::drifting::{Basis, Counting, Looking, Sides, look};
use crate::commands::open::choose;
use crate::commands::sources;
use crate::commands::wishes::Renames;

use report::DriftReport;

/// Compare the live database with what its migrations make
#[derive(Debug, ClapArgs)]
#[command(group(ArgGroup::new("what").args(["sql", "fix", "refresh"])))]
#[command(
    after_help = "What the migrations make is stored with the database and moves on with each run, so looking
takes one reading of the catalog and the right to read. Where it accounts for other migrations than
are applied (another tool ran), that is told, and they are replayed in a shadow database instead.
`[drift] ignore` in pgkeel.toml leaves out what is none of the migrations'.

Exit status: 0 no drift, 6 drift, 1 unknown, 7 a run is changing the database; with --fix also
4 migrations are pending, 5 the history is in trouble.

Examples:
  pgkeel drift                           each object that differs, with both definitions
  pgkeel drift --sql                     the SQL that leads back to what the migrations make
  pgkeel drift --fix --name keep_index   a migration of it, which counts as applied here
  pgkeel drift --refresh                 replay the migrations, and store what they make
  pgkeel drift --against schema.sql      compare with anything else"
)]
pub(crate) struct Args {
    /// Print the SQL that takes the database back to what is expected
    #[arg(long)]
    sql: bool,

    /// Compare with any other source: a .sql file, a folder, `postgres://…`, `env:NAME`, `backup:ID`
    #[arg(long, value_name = "SOURCE", conflicts_with_all = ["fix", "refresh"])]
    against: Option<String>,

    /// Write a migration of what was done by hand, and record it as applied here
    #[arg(long, requires = "name")]
    fix: bool,

    /// Name of that migration
    #[arg(long, value_name = "NAME", requires = "fix")]
    name: Option<String>,

    /// Replay the applied migrations, and store what they make as what is expected
    #[arg(long)]
    refresh: bool,

    /// Something has another name in the database: [SCHEMA.]TABLE=NEW, [SCHEMA.]TABLE.COLUMN=NEW, or with the kind before it
    #[arg(long, value_name = "OLD=NEW")]
    rename: Vec<String>,

    /// With `--fix`: run the code of this role with the rights of the role that creates the shadow database
    #[arg(long, value_name = "ROLE", requires = "fix")]
    trust_code_of: Vec<String>,

    /// With `--fix`: what goes and what comes is not the same under a new name, and its data may go elsewhere
    #[arg(long, requires = "fix")]
    no_rename: bool,
}

pub(crate) fn run(args: &Args, cx: &mut Context) -> Result<Exit> {
    let counting = Counting::of(cx)?;
    let chosen = choose(cx, Fallback::DevCluster, "drift")?;
    if args.refresh {
        return refresh::run(args, cx, &chosen, &counting);
    }
    if let Some(name) = args.name.as_ref().filter(|_| args.fix) {
        return fix::run(args, name, cx, &chosen, &counting);
    }
    let (mut session, ledger) = look(cx, &chosen)?;
    let looking = Looking { cx, chosen: &chosen, command: "drift", counting: &counting };
    let sides = match &args.against {
        Some(source) => looking.against(&mut session, &sources::parse(source, cx)?)?,
        None => looking.sides(&mut session, &ledger)?,
    };
    tell(&sides, &ledger.facts.database, cx);
    let compared = Compare { args, cx, database: &ledger.facts.database, applied: ledger.applied.len() };
    let renames = compared.renames(&sides)?;
    let (report, home) = compared.report(&sides, &renames, Some(&mut session))?;
    let exit = if report.is_same() { Exit::Ok } else { Exit::Different };
    if args.sql && !cx.ui.is_json() {
        cx.ui.stream(home.script().as_bytes())?;
        report.notes().iter().for_each(|note| cx.ui.note(note));
    } else {
        cx.ui.result(&report)?;
    }
    Ok(exit)
}

/// What it was compared with, where that is not what was to be expected.
fn tell(sides: &Sides, database: &str, cx: &Context) {
    match &sides.basis {
        Basis::Stored | Basis::Source { .. } => {}
        Basis::Replay { why } => cx.ui.warn(&format!(
            "{why}: the applied migrations were replayed instead; `pgkeel drift --refresh` stores what they make"
        )),
        Basis::Unproved { why, no_replay, since } => cx.ui.warn(&format!(
            "what is expected of `{database}` is unproved: {why}; the migrations could not be replayed ({no_replay}), so this \
             tells only what has changed since {} UTC",
            since.split('.').next().unwrap_or_default()
        )),
    }
}

/// Two sides on their way to a report.
struct Compare<'a> {
    args: &'a Args,
    cx: &'a Context,
    database: &'a str,
    applied: usize,
}

impl Compare<'_> {
    /// The report, and the way back from what there is to what is expected.
    fn report(
        &self,
        sides: &Sides,
        Renames { said, unsaid }: &Renames,
        session: Option<&mut Session>,
    ) -> Result<(DriftReport, Plan)> {
        let wishes = Wishes { scope: sides.scope, renames: back(said), ..Wishes::default() };
        // For people, what differs says it all.
        let is_wanted = self.args.sql || self.cx.ui.is_json();
        let nothing = || Ok(Plan::default());
        let mut home = match if is_wanted { plan(&sides.live, &sides.expected, &wishes) } else { nothing() } {
            Err(error) if self.args.sql => return Err(error.into()),
            // What differs is told, also where no SQL leads back.
            Err(error) => {
                self.cx.ui.warn(&format!("there is no SQL that leads back: {error}"));
                Plan::default()
            }
            Ok(home) => home,
        };
        if let Some(session) = session.filter(|_| self.args.sql) {
            weigh(session, &mut home)?;
        }
        let report = DriftReport::new(self.database, self.applied, sides, &wishes, &home, unsaid);
        Ok((report, home))
    }

    fn renames(&self, sides: &Sides) -> Result<Renames> {
        let nowhere = crate::engine::source::Source::Empty;
        let between = (&sides.expected, &sides.live);
        // Whoever only looks is not asked.
        match self.args.fix || self.args.sql {
            true => Renames::between(between, &self.args.rename, &nowhere, self.cx),
            false => Renames::unasked(between, &self.args.rename, &nowhere),
        }
    }
}

/// The way back of renames.
fn back(renames: &[Rename]) -> Vec<Rename> {
    renames.iter().map(Rename::reversed).collect()
}
