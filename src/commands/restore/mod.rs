//! `pgkeel restore`: a backup into a new database, verified, then swapped in; or beside the live one, in place, and back
//! again.

mod aside;
mod beside;
mod in_place;
mod undo;

use std::path::PathBuf;

use anyhow::Result;
use clap::Args as ClapArgs;

use crate::commands::restoring::{Wanted, live, replace_live};
use crate::context::Context;
use crate::engine::restore::pause::Writing;
use crate::engine::restore::{Goal, Ownership, Rows, Selection};
use crate::exit::{CommandError, Exit};

use undo::Which;

/// Restore a backup into a new database, verify it, then put it in the place of the old one
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Everything happens in a database of its own until it was compared with what the backup holds; then it \
takes the place of the live one in a moment, under load, and the old one is kept aside. What stock pg_dump wrote (a \
plain .sql, a -Fc file, a -Fd folder; also compressed as a whole by gzip, zstd or lz4) is restored the same way. Exit status: 0 done and compared, 3 refused before any \
work, 10 the backup is damaged or what was restored differs.

Examples:
  pgkeel restore                           the latest backup, after asking
  pgkeel restore --list                    what can be restored, and what was put aside
  pgkeel restore 20261120T0646 --dry-run   every step as SQL
  pgkeel restore dump.sql.gz               what pg_dump wrote
  ssh old zcat dump.gz | pgkeel restore - --yes
  pgkeel restore --undo                    the database of before takes its place again
  pgkeel restore --redo                    the restored one again, after an undo
  pgkeel restore --drop-quarantine         it is not needed any more
  pgkeel restore --into shop_copy          a copy, to test migrations on
  pgkeel restore --tables orders,users     some tables beside, and how to bring their rows back
  pgkeel restore --tables orders --apply   bring the table or its rows back"
)]
pub(crate) struct Args {
    /// Its id, the beginning or end of it, its label, `latest`, the path of a backup or of what pg_dump wrote, or `-` for
    /// standard input
    #[arg(value_name = "BACKUP", default_value = "latest")]
    backup: String,

    /// Into a new database of this name, which stays beside the live one
    #[arg(long, value_name = "NAME", conflicts_with_all = ["tables", "in_place"])]
    into: Option<String>,

    /// Restore these tables into a side database, and show what brings them back
    #[arg(long, value_name = "TABLE", conflicts_with = "in_place")]
    tables: Vec<String>,

    /// With `--tables`: bring the tables or their rows back
    #[arg(long, requires = "tables")]
    apply: bool,

    /// Into the live database itself, in one transaction: for a role that may not create databases
    #[arg(long)]
    in_place: bool,

    /// With `--in-place`: take no backup of what is there now
    #[arg(long, requires = "in_place")]
    no_backup: bool,

    /// Show what can be restored and what was put aside
    #[arg(long, conflicts_with_all = ["into", "tables", "in_place", "undo", "drop_quarantine"])]
    list: bool,

    /// Put the database back that the last restore put aside
    #[arg(long, conflicts_with_all = ["into", "tables", "in_place", "drop_quarantine"])]
    undo: bool,

    /// Put the restored database back that the last undo replaced
    #[arg(long, conflicts_with_all = ["into", "tables", "in_place", "drop_quarantine", "undo", "list", "stop_writing"])]
    redo: bool,

    /// Drop what restores have put aside: all of it, or this one
    #[arg(long, value_name = "NAME", num_args = 0..=1, conflicts_with_all = ["into", "tables", "in_place"])]
    drop_quarantine: Option<Option<String>>,

    /// It is a backup of another database or cluster, and meant for this place all the same
    #[arg(long)]
    from_elsewhere: bool,

    /// Allow a dump to replace tables that have rows without filling them
    #[arg(long, conflicts_with_all = ["into", "tables"])]
    without_rows: bool,

    /// The file with the secret keys of age
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,

    /// Parallel jobs
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    jobs: Option<u32>,

    /// Everything belongs to the role that restores
    #[arg(long)]
    no_owner: bool,

    /// Bring no GRANT and no REVOKE back
    #[arg(long)]
    no_privileges: bool,

    /// Leave event triggers out, which only a superuser can create
    #[arg(long, conflicts_with_all = ["undo", "redo", "list", "drop_quarantine"])]
    no_event_triggers: bool,

    /// Create everything in the default tablespace
    #[arg(long, conflicts_with_all = ["undo", "redo", "list", "drop_quarantine"])]
    no_tablespaces: bool,

    /// Restore only this schema, with `--in-place` or `--into`; may be given several times
    #[arg(long, value_name = "NAME", conflicts_with_all = ["undo", "redo", "list", "drop_quarantine", "tables"])]
    schema: Vec<String>,

    /// Create the roles that the server lacks, without login
    #[arg(long)]
    create_roles: bool,

    /// Keep a restored database that differs from its backup, to look at it
    #[arg(long)]
    keep_scratch: bool,

    /// Run the code of this role with the rights of the superuser that connects
    #[arg(long, value_name = "ROLE")]
    trust_code_of: Vec<String>,

    /// The folder of all backups
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,

    /// Refuse writes in the live database from the beginning: what is written meanwhile is lost
    #[arg(long, conflicts_with_all = ["into", "tables", "in_place", "undo", "list"])]
    stop_writing: bool,

    /// Show every step as SQL and stop
    #[arg(long)]
    dry_run: bool,
}

impl Args {
    fn wanted(&self) -> Wanted {
        Wanted {
            backup: self.backup.clone(),
            recorded: false,
            dir: self.dir.clone(),
            identity: self.identity.clone(),
            jobs: self.jobs,
            ownership: self.ownership(),
            select: self.select(),
            from_elsewhere: self.from_elsewhere,
            keep_scratch: self.keep_scratch,
            rows: self.rows(),
            trust: self.trust_code_of.clone(),
            dry_run: self.dry_run,
            writing: if self.stop_writing { Writing::Stops } else { Writing::GoesOn },
            goal: Goal::Replace,
        }
    }

    fn rows(&self) -> Rows {
        if self.without_rows { Rows::Dispensable } else { Rows::Required }
    }

    fn select(&self) -> Selection {
        Selection {
            no_event_triggers: self.no_event_triggers,
            no_tablespaces: self.no_tablespaces,
            schemas: self.schema.clone(),
        }
    }

    fn ownership(&self) -> Ownership {
        Ownership {
            no_owner: self.no_owner,
            no_privileges: self.no_privileges,
            create_roles: self.create_roles,
        }
    }
}

pub(crate) fn run(args: &Args, cx: &mut Context) -> Result<Exit> {
    if args.list {
        return aside::list(args, cx);
    }
    if args.undo {
        return undo::undo(Which::Undo, args, cx);
    }
    if args.redo {
        return undo::undo(Which::Redo, args, cx);
    }
    if let Some(name) = &args.drop_quarantine {
        return aside::drop_them(args, name.as_deref(), cx);
    }
    if let Some(name) = &args.into {
        return beside::copy_to(args, name, cx);
    }
    if !args.tables.is_empty() {
        return beside::tables_of(args, cx);
    }
    if args.in_place {
        return in_place::restore_in_place(args, cx);
    }
    if !args.schema.is_empty() {
        return Err(CommandError::Usage {
            message: "`--schema` restores a part, which cannot replace the live database".into(),
            hint: "add `--in-place` to replace these schemas alone, or `--into NAME` for a copy".into(),
        }
        .into());
    }
    let live = live(cx, "restore")?;
    replace_live(&args.wanted(), live, cx)
}
