//! `pgkeel diff`: what differs between two schemas, and the SQL that turns one into the other.

use anyhow::Result;
use clap::{ArgGroup, Args as ClapArgs};

use crate::context::Context;
use crate::engine::catalog::Scope;
use crate::engine::plan::{Wishes, plan};
use crate::engine::proof::{Extent, Proving};
use crate::engine::source::Source;
use crate::engine::untrusted::{Code, code};
use crate::engine::weigh::weigh;
use crate::exit::Exit;

use super::compared::Compared;
use super::sources::{self, catalog, same_version};
use super::wishes::Renames;

/// Show what differs between two schemas, and the SQL from one to the other
#[derive(Debug, ClapArgs)]
#[command(group(ArgGroup::new("shape").args(["sql", "summary"])))]
#[command(
    after_help = "FROM and TO are each one of: migrations (the project's folder, replayed), the path of a
migrations folder, a .sql file or a folder of them (in any order), postgres://…, env:NAME,
backup:ID, empty. Files and folders are loaded into a shadow database, which is dropped
afterwards; databases that are named are only read.

Exit status with --exit-code: 0 the same, 6 different, 1 failed.

Examples:
  pgkeel diff migrations schema.sql                what the next migration has to do
  pgkeel diff env:production schema.sql --summary  what production lacks
  pgkeel diff empty migrations                     the whole schema as one script
  pgkeel diff old.sql new.sql --rename users.name=full_name --prove
  pgkeel diff migrations \"$DATABASE_URL\" --exit-code --summary"
)]
pub(crate) struct Args {
    /// What there is
    from: String,

    /// What there is to be
    to: String,

    /// Print the SQL that turns FROM into TO (default)
    #[arg(long)]
    sql: bool,

    /// Print each object that differs, with both definitions side by side
    #[arg(long)]
    summary: bool,

    /// Exit with 6 where something differs
    #[arg(long)]
    exit_code: bool,

    /// Prefer forms that stop nobody for long: CONCURRENTLY, NOT VALID and VALIDATE
    #[arg(long)]
    online: bool,

    /// Something has another name in TO: [SCHEMA.]TABLE=NEW, [SCHEMA.]TABLE.COLUMN=NEW, or with the kind before it
    #[arg(long, value_name = "OLD=NEW")]
    rename: Vec<String>,

    /// Apply the plan, undo it and apply it again in a shadow database, with rows in it
    #[arg(long)]
    prove: bool,

    /// Run the code of this role with the rights of the role that creates the shadow database
    #[arg(long, value_name = "ROLE", requires = "prove")]
    trust_code_of: Vec<String>,

    /// Compare servers of different major versions, whose texts differ where nothing else does
    #[arg(long)]
    allow_version_mismatch: bool,

    /// Also compare who owns what
    #[arg(long)]
    owners: bool,

    /// Leave grants and default privileges out
    #[arg(long)]
    no_privileges: bool,
}

pub(crate) fn run(args: &Args, cx: &mut Context) -> Result<Exit> {
    let (from, to) = (sources::parse(&args.from, cx)?, sources::parse(&args.to, cx)?);
    let (mut left, mut right) = sources::both(&from, &to, cx, "diff")?;
    let roles = if args.prove { (left.roles()?, right.roles()?) } else { (None, None) };
    let labels = (left.label().to_owned(), right.label().to_owned());
    let (old, mut live) = catalog(left, cx)?;
    let (new, _) = catalog(right, cx)?;
    let sides = [(roles.0, &old), (roles.1, &new)];
    let code: Vec<Code> =
        sides.iter().flat_map(|(roles, side)| roles.iter().flat_map(|roles| code(side, roles))).collect();
    let scope = Scope { owners: args.owners, no_privileges: args.no_privileges };
    let new = same_version(cx, args.allow_version_mismatch, &old, new)?;
    let Renames { said: renames, unsaid } = Renames::between((&old, &new), &args.rename, &to, cx)?;
    let wishes = Wishes { scope, renames, online: args.online, ..Wishes::default() };
    let mut way = plan(&old, &new, &wishes)?;
    if let Some(live) = &mut live {
        weigh(live.session(), &mut way)?;
    }
    let mut proof = None;
    if args.prove && !way.is_empty() {
        // What the two say is to be said again: on a server of their version.
        let major = u32::try_from(old.server / 10_000).ok();
        let needs = sources::Needs { major, ..sources::Needs::default() };
        let mut held = sources::prepare(&Source::Empty, cx, "diff", needs)?.open_quietly(cx)?;
        held.guard(&code, &args.trust_code_of)?;
        let _progress = cx.ui.progress("proving the plan in a shadow database");
        let (session, guard) = held.proving();
        let proving = Proving {
            old: &old,
            new: &new,
            up: &way,
            wishes: &wishes,
            bookkeeping: &cx.config.bookkeeping_schema.value,
            extent: Extent::Fitting,
            guard,
            acting: None,
        };
        proof = Some(proving.run(session)?.proof);
    }
    let report = Compared::new(labels, (&old, &new), &wishes, &way, proof, &unsaid);
    let is_same = report.is_same();
    if args.summary || cx.ui.is_json() {
        cx.ui.result(&report)?;
    } else {
        cx.ui.stream(way.script().as_bytes())?;
        report.notes().iter().for_each(|note| cx.ui.note(note));
    }
    Ok(if args.exit_code && !is_same { Exit::Different } else { Exit::Ok })
}
