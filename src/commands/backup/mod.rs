//! `pgkeel backup`: take one, and look after those that were taken.

mod list;
mod pin;
mod prune;
mod referenced;
mod show;
mod take;
mod verify;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args as ClapArgs, Subcommand};

use crate::context::Context;
use crate::exit::Exit;

/// Take a backup that is proved, and look after those that were taken
#[derive(Debug, ClapArgs)]
#[command(args_conflicts_with_subcommands = true)]
#[group(skip)]
#[command(after_help = "Examples:
  pgkeel backup                                take one, proved before it has its name
  pgkeel backup --label pre-migration          give it a word
  pgkeel backup --dry-run                      look whether it can be taken, and how large it gets
  pgkeel backup --encrypt-to age1…             encrypt it; the plaintext is never on disk
  pgkeel backup --plain --schema-only          one SQL script for people to read
  pgkeel backup list                           the backups there are")]
pub(crate) struct Args {
    /// Folder of all backups [default: `[backup] dir`, else `backups`]
    #[arg(long, global = true, value_name = "DIR")]
    dir: Option<PathBuf>,

    #[command(flatten)]
    take: take::Args,

    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    List(list::Args),
    Show(show::Args),
    Verify(verify::Args),
    Prune(prune::Args),
    Pin(pin::Args),
}

pub(crate) fn run(args: &Args, cx: &mut Context) -> Result<Exit> {
    let root = super::backups::root(cx, args.dir.as_deref());
    match &args.command {
        None => take::run(&args.take, &root, cx),
        Some(Command::List(args)) => list::run(args, &root, cx),
        Some(Command::Show(args)) => show::run(args, &root, cx),
        Some(Command::Verify(args)) => verify::run(args, &root, cx),
        Some(Command::Prune(args)) => prune::run(args, &root, cx),
        Some(Command::Pin(args)) => pin::run(args, &root, cx),
    }
}

/// A size for people.
fn size(bytes: u64) -> String {
    indicatif::HumanBytes(bytes).to_string()
}
