//! `pgkeel migrate`: the developer's loop. It applies what is pending, compares the desired state with what the migrations make,
//! writes the migration between them, proves it and applies it.

mod around;
mod asked;
mod list;
mod make;
mod pending;
mod questions;
mod rebase;
mod report;
mod show;
mod squash;
mod three;

use anyhow::{Context as _, Result};
use clap::{Args as ClapArgs, Subcommand};

use crate::context::{Context, Fallback};
use crate::engine::migrations::write::New;
use crate::exit::{CommandError, Exit};

use crate::commands::drafts;
use crate::commands::open::choose;
use crate::commands::said::{AllowArgs, folder_if_any};
use report::{MigrateReport, NewReport};

/// Bring your own database up to date, and write the next migration
#[derive(Debug, ClapArgs)]
#[command(args_conflicts_with_subcommands = true)]
#[group(skip)]
#[command(
    after_help = "What is pending is applied. Then the desired state (schema.sql, or what --from names) is compared with what
the migrations make. Where they differ, a migration is written, proved in a shadow database and
applied. Without a schema.sql, --name takes what you changed in your database by hand.

Examples:
  pgkeel migrate                          apply what is pending; write and apply the rest
  pgkeel migrate --name add_phone         the same, with the new migration's name
  pgkeel migrate --create-only            write it, and apply nothing
  pgkeel migrate --rename users.name=full_name
  pgkeel migrate --fill \"users.phone=''\"     what rows get in a new NOT NULL column
  pgkeel migrate --using 'users.age=age::int'
  pgkeel migrate --name rows --empty      lay out up.sql and down.sql, to be written by hand
  pgkeel migrate --dry-run                show what would be done
  pgkeel migrate list                     (and show, squash, rebase)"
)]
pub(crate) struct Args {
    /// Name of the new migration
    #[arg(long, value_name = "NAME")]
    name: Option<String>,

    /// Write the migration and apply nothing, neither it nor what is pending
    #[arg(long, conflicts_with = "empty")]
    create_only: bool,

    /// Write a folder with an empty up.sql and down.sql
    #[arg(long, requires = "name", conflicts_with_all = ["from", "rename", "no_rename", "fill", "using", "online"])]
    empty: bool,

    /// The desired state: a .sql file or folder, a database, a backup … [default: `schema` in pgkeel.toml]
    #[arg(long, value_name = "SOURCE")]
    from: Option<String>,

    #[command(flatten)]
    asked: asked::AskedArgs,

    /// Prefer forms that stop nobody for long: CONCURRENTLY, NOT VALID and VALIDATE
    #[arg(long)]
    online: bool,

    /// Run the code of this role with the rights of the role that creates the shadow database
    #[arg(long, value_name = "ROLE")]
    trust_code_of: Vec<String>,

    /// Do not write schema.rs afterwards
    #[arg(long)]
    skip_generate: bool,

    /// Show what would be done and stop
    #[arg(long, conflicts_with_all = ["create_only", "empty"])]
    dry_run: bool,

    #[command(flatten)]
    allow: AllowArgs,

    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    List(list::Args),
    Show(show::Args),
    Squash(squash::Args),
    Rebase(rebase::Args),
}

pub(crate) fn run(args: &Args, cx: &mut Context) -> Result<Exit> {
    match &args.command {
        Some(Command::List(args)) => return list::run(args, cx),
        Some(Command::Show(args)) => return show::run(args, cx),
        Some(Command::Squash(args)) => return squash::run(args, cx),
        Some(Command::Rebase(args)) => return rebase::run(args, cx),
        None => {}
    }
    if let Some(name) = args.name.as_deref().filter(|_| args.empty) {
        let report = by_hand(name, cx)?;
        cx.ui.result(&report)?;
        return Ok(Exit::Ok);
    }
    if !cx.config.is_project() && args.from.is_none() {
        return Err(CommandError::Usage {
            message: format!(
                "`{}` holds no pgkeel.toml, diesel.toml, migrations or schema.sql",
                cx.config.root.display()
            ),
            hint: "run pgkeel in the project's folder, or with `-C DIR`; `pgkeel init` starts a project here"
                .into(),
        }
        .into());
    }
    // A name that can be none is no reason to apply anything first.
    args.name.as_deref().map(drafts::slug).transpose()?;
    let folder = folder_if_any(cx)?;
    let wanted = three::wanted(args, cx)?;
    let chosen = choose(cx, Fallback::DevCluster, "migrate")?;
    if args.create_only {
        let report = make::only(args, cx, &chosen, &folder, wanted.as_ref())?;
        cx.ui.result(&report)?;
        return Ok(Exit::Ok);
    }
    if args.dry_run {
        let (report, live) = pending::look(args, cx, &folder, &chosen)?;
        let report = make::dry(args, cx, report, &chosen, live, wanted.as_ref())?;
        cx.ui.result(&report)?;
        return Ok(Exit::Ok);
    }
    let mut report = pending::apply(args, cx, &folder, &chosen)?;
    let mut ended = make::whole(args, cx, &chosen, &mut report, wanted.as_ref());
    if ended.is_ok() && !args.skip_generate {
        ended = report
            .generate(cx, &chosen)
            .context("everything is applied, and what is generated could not be written");
    }
    match ended {
        Ok(()) => cx.ui.result(&report)?,
        // What was done is told all the same; a program reads it in the error.
        Err(error) if report.did_something() && cx.ui.is_json() => {
            return Err(error.context(report.done()));
        }
        Err(error) => {
            if report.did_something() {
                cx.ui.result(&report)?;
            }
            return Err(error);
        }
    }
    Ok(Exit::Ok)
}

/// A folder with an up.sql and a down.sql that are to be written by hand.
fn by_hand(name: &str, cx: &Context) -> Result<NewReport> {
    let new = New {
        slug: drafts::slug(name)?,
        up: "-- What changes. pgkeel runs this file in one transaction: no BEGIN, no COMMIT.\n".into(),
        down: Some("-- What undoes up.sql, so that the catalog is as it was.\n".into()),
        transactional: true,
        more: Vec::new(),
    };
    let written = drafts::write(cx, &[new], &[])?.remove(0);
    Ok(NewReport::new(written, &cx.config.root))
}

/// What was applied before the comparison begins, and the report so far.
type Begun = MigrateReport;
