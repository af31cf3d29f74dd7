//! `pgkeel execute`: run SQL and print the rows, as they come.

mod format;
mod message;
mod policies;

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::{ArgGroup, Args as ClapArgs, ValueEnum};

use crate::context::{Context, Fallback};
use crate::engine::backup::manifest::Reason;
use crate::engine::backup::take::Locking;
use crate::engine::guard::Deed;
use crate::engine::ledger::Ledger;
use crate::engine::ledger::hold::Hold;
use crate::engine::ledger::look::{Lost, OURS};
use crate::engine::ledger::owners::Owners;
use crate::engine::ledger::restore::restore_ledger;
use crate::engine::ledger::rows::Place;
use crate::engine::ledger::store::WayBack;
use crate::engine::migrations::blame::blame;
use crate::engine::migrations::body::Body;
use crate::engine::migrations::runner::RecordLost;
use crate::engine::row_security::{Filtered, Standing, explain};
use crate::exit::{CommandError, Exit, Scene, SqlFailure, problem};
use crate::pg::error::{PgError, PgFailure};
use crate::pg::ident::Ident;
use crate::pg::plain::open_given;
use crate::pg::session::{Failed, Incoming, Session, TransactionStatus};
use crate::pg::statements::{self, Statement};

use super::ask::permission;
use super::backup_first::{FirstArgs, Occasion, backup_first, tell_way_back};
use super::open::{choose, lock_wait};
use super::watch::{more_notices, notice_text};
use format::Writer;
use message::{Message, check as look_sql, controls, writes_record};
use policies::{Policies, reads};

/// Run SQL and print the rows
#[derive(Debug, ClapArgs)]
#[command(group(ArgGroup::new("source").required(true).args(["sql", "file", "stdin"])))]
#[command(
    after_help = "All statements run in one transaction, unless one of them cannot (VACUUM, CREATE INDEX CONCURRENTLY): \
then each runs for itself. DROP, TRUNCATE, DELETE or UPDATE without WHERE, and changes to the migration record ask first. \
SQL that would empty the migration record is rolled back. SQL that may write runs with row_security = off: where a \
row-level security policy would hide rows from it, it fails.

Examples:
  pgkeel execute --sql 'SELECT count(*) FROM \"User\"'
  pgkeel execute --file report.sql --format csv > report.csv
  echo 'SELECT 1' | pgkeel execute --stdin --json
  pgkeel execute --read-only --file question.sql"
)]
pub(crate) struct Args {
    /// The SQL itself
    #[arg(long, value_name = "SQL", allow_hyphen_values = true)]
    sql: Option<String>,

    /// A file of SQL
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,

    /// Read the SQL from standard input
    #[arg(long)]
    stdin: bool,

    /// Let the server refuse every write
    #[arg(long)]
    read_only: bool,

    /// Let row-level security policies filter what SQL that writes reads and changes
    #[arg(long)]
    row_security: bool,

    /// How to print rows
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,

    #[command(flatten)]
    first: FirstArgs,
}

/// How rows are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people; at most 1000 rows of each result
    Table,
    /// One document, streamed
    Json,
    /// One header and the rows, streamed
    Csv,
}

pub(crate) fn run(args: &Args, cx: &mut Context) -> Result<Exit> {
    if args.format == Format::Json {
        cx.ui.answer_in_json();
    }
    let (name, text) = source(args)?;
    let all = statements::split(&text).map_err(|error| CommandError::Usage {
        message: format!("{name}: {error}"),
        hint: "close it, and run the command again".into(),
    })?;
    let real: Vec<&Statement> = all.iter().filter(|statement| !statement.is_empty()).collect();
    check(&name, &all, &real, args.read_only)?;
    let chosen = choose(cx, Fallback::DevCluster, "execute")?;
    // The environment label and the record are for what may write: the server refuses that where they cannot be read.
    let (mut session, ledger) = match args.read_only || reads(&text, &real) {
        true => chosen.look_to_read(cx)?,
        false => chosen.look(cx).map(|(session, ledger)| (session, Some(ledger)))?,
    };
    let read_only = args.read_only || ledger.is_none();
    let mut way = WayBack::default();
    let bookkeeping = Ident::new(&cx.config.bookkeeping_schema.value);
    let destroys = |statement: &&&Statement| {
        statement.facts.loses.is_some() || writes_record(&text[statement.body.clone()], bookkeeping.as_str())
    };
    let destroys: Vec<_> = real.iter().filter(destroys).collect();
    if let Some(ledger) = ledger.as_ref().filter(|_| !destroys.is_empty() && !read_only) {
        let place = chosen.guarded(&cx.config, ledger);
        let listed: Vec<_> = destroys
            .iter()
            .map(|s| {
                format!("\n  line {}: {}", s.line, text[s.body.clone()].chars().take(90).collect::<String>())
            })
            .collect();
        permission(cx, &place, Deed::Other, false, &format!("this can destroy data:{}", listed.concat()))?;
        let lock = Locking::Acquire(lock_wait(&cx.config, None));
        let occasion = Occasion { before: "SQL", reason: Reason::PreExecute, lock };
        way = backup_first(cx, &chosen, &mut session, ledger, args.first, occasion)?;
    }
    let mut writer = Writer::new(if cx.ui.is_json() { Format::Json } else { args.format });
    // Our own statements are not under the limits of role and database, the person's SQL is. Behind a pooler no session
    // could start with ours.
    let is_direct = ledger.as_ref().is_some_and(|one| session.announced_pid() == one.facts.backend_pid);
    let mut session = if is_direct {
        drop(session);
        chosen.opening.as_found().connect()?
    } else {
        session.as_found()
    };
    let policies = Policies::of(&text, &real, read_only, args.row_security);
    let settings = format!("{}{}", session.local_settings(), policies.setting("SET LOCAL"));
    let mut text = text;
    let record = ledger.map(|ledger| (chosen.opening.owners(&ledger.facts), ledger));
    let look = record.as_ref().map(|(owners, ledger)| Place::look_for_emptied(ledger, &bookkeeping, owners));
    let look = look.unwrap_or_default();
    let mut messages = Message::all(&mut text, &real, read_only, &settings, (&look, &policies));
    if messages.iter().any(|message| message.is_alone) {
        // Behind a pooler a setting of the session would reach other clients.
        if is_direct {
            let (prelude, theirs) = (session.prelude(), session.their_limits());
            session.query(&format!("{prelude}{theirs}RESET row_security; {}", policies.setting("SET")))?;
        } else if let Policies::Off | Policies::On = policies {
            messages.iter_mut().zip(&real).for_each(|(message, one)| message.set(one, &policies));
        }
    }
    for message in messages {
        let (mut seen, mut more) = (0, 0);
        let mut written = Ok(());
        let stop = cx.interrupt.clone();
        let mut run = |sql: &str| {
            session.run(sql, &mut |incoming| {
                let is_theirs = message.theirs.contains(&seen);
                if let Incoming::Done(_) = incoming {
                    seen += 1;
                }
                if let Incoming::MoreNotices(count) = incoming {
                    more += count;
                } else if let Incoming::Notice(notice) = incoming {
                    cx.ui.note(&notice_text(notice));
                } else if is_theirs && written.is_ok() {
                    written = writer.take(incoming, &mut cx.ui);
                    if written.is_err() {
                        // Nothing reads the rest.
                        stop.raise();
                    }
                }
            })
        };
        let mut ran = run(&message.sql);
        // A procedure or block that ends its transaction has done nothing yet, and cannot be in one with the check.
        let ends = |failed: &Failed| failed.error.failure() == PgFailure::EndsTransaction;
        let bare = message.bare.as_ref().filter(|_| ran.as_ref().is_err_and(ends));
        if let Some(bare) = bare {
            ran = run(bare);
        }
        let checked_late = bare.is_some() && ran.is_ok();
        if more > 0 {
            cx.ui.note(&more_notices(more));
        }
        written?;
        if checked_late
            && let Err(error) = session.query(&format!("BEGIN; {}COMMIT", look_sql(&look)))
            && let Some((owners, ledger)) = &record
        {
            drop(session.query("ROLLBACK"));
            restore_ledger(&mut session, ledger, &bookkeeping, owners)?;
            return Err(error).with_context(|| {
                format!("{name}: a procedure emptied the migration record and committed; pgkeel restored the ledger's rows")
            });
        }
        if let Err(failed) = ran {
            if message.is_alone {
                tell_way_back(cx, &way);
            }
            let state = message.state_after(&real, read_only);
            let offset = message.offset_of(&failed, &real);
            let lost = message.lost(&failed);
            let text = if message.is_alone || message.is_part { text } else { message.taken_back() };
            let error = anyhow::Error::from(match lost.zip(record.as_ref()) {
                // The record could not be checked: a lock timed out, or its tables are unsafe to read.
                Some((Lost::Unsafe, (owners, ledger))) => {
                    drop(session.query("ROLLBACK"));
                    return Err(hold_all(owners, &bookkeeping, ledger)
                        .explained(&mut session, failed.error)
                        .into());
                }
                Some((lost, (owners, ledger))) => {
                    let place = place_of(ledger, &bookkeeping, owners);
                    let by = blame(&Body::Text(text), &place, lost);
                    let lost = Box::new(RecordLost::of(&place, lost, Vec::new(), by));
                    CommandError::Record { lost, file: name, state }
                }
                None => CommandError::Sql(Box::new(SqlFailure {
                    offset,
                    state,
                    hint: (args.read_only && failed.error.failure() == PgFailure::ReadOnly)
                        .then(|| "leave `--read-only` out if the write is meant".to_owned()),
                    filtered: filtered(&mut session, &failed.error, &text, offset),
                    file: name,
                    text,
                    cause: failed.error,
                })),
            });
            writer.end(
                Some(&problem(&error, Scene { root: &cx.config.root, again: "pgkeel execute" })),
                &mut cx.ui,
            )?;
            return Err(error);
        }
    }
    writer.end(None, &mut cx.ui)?;
    if session.transaction_status() != TransactionStatus::Idle {
        cx.ui.warn("the transaction that this SQL began was never committed: it is rolled back");
    }
    Ok(Exit::Ok)
}

/// The tables that the look for an emptied record reads.
fn hold_all<'a>(owners: &'a Owners, bookkeeping: &'a Ident, ledger: &Ledger) -> Hold<'a> {
    let is_ours = |table: &&str| {
        ledger
            .facts
            .owned
            .iter()
            .any(|one| one.schema == bookkeeping.as_str() && one.table.as_deref() == Some(table))
    };
    let tables: Vec<&str> = OURS.into_iter().filter(is_ours).collect();
    owners.hold(bookkeeping).ours(&tables)
}

/// The tables whose policies would have hidden rows, where that is why it failed.
fn filtered(session: &mut Session, error: &PgError, text: &str, offset: Option<usize>) -> Option<Filtered> {
    let PgError::Server(server) = error else { return None };
    if server.failure() != PgFailure::NoPrivilege {
        return None;
    }
    drop(session.query("ROLLBACK"));
    // If the explanation fails, the server's error alone is shown.
    explain(session, server, &Standing::at(text, offset)).ok().flatten()
}

/// Where the record of this database is.
fn place_of(ledger: &Ledger, bookkeeping: &Ident, owners: &Owners) -> Place {
    let schema = ledger.facts.ledger_schema.as_deref().unwrap_or_default();
    Place {
        bookkeeping: bookkeeping.clone(),
        ledger_schema: Ident::new(schema),
        operation: 0,
        command: String::new(),
        owners: owners.clone(),
    }
}

fn read(file: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open_given(file)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn source(args: &Args) -> Result<(String, String)> {
    if let Some(sql) = &args.sql {
        return Ok(("--sql".into(), sql.clone()));
    }
    let (name, bytes) = match &args.file {
        Some(file) => {
            let name = file.display().to_string();
            (name.clone(), read(file).with_context(|| format!("cannot read `{name}`"))?)
        }
        None => {
            let mut bytes = Vec::new();
            std::io::stdin().lock().read_to_end(&mut bytes).context("cannot read standard input")?;
            ("standard input".into(), bytes)
        }
    };
    let text = String::from_utf8(bytes).map_err(|error| CommandError::Usage {
        message: format!("{name} is not UTF-8 at byte {}", error.utf8_error().valid_up_to()),
        hint: "save it as UTF-8".into(),
    })?;
    Ok((name, text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)))
}

fn check(name: &str, all: &[Statement], real: &[&Statement], read_only: bool) -> Result<(), CommandError> {
    let refuse = |line: u32, what: String, hint: &str| CommandError::Usage {
        message: format!("{name}:{line}: {what}"),
        hint: hint.into(),
    };
    for statement in all {
        if let Some(command) = &statement.meta_command {
            return Err(refuse(
                statement.line,
                format!("`{command}` is a command of psql, not SQL"),
                "take it out, or use psql",
            ));
        }
        if statement.copy_from_stdin() {
            return Err(refuse(
                statement.line,
                "`COPY … FROM STDIN` needs a data stream".into(),
                "use psql for it",
            ));
        }
        if read_only && controls(statement) {
            return Err(refuse(
                statement.line,
                format!("`{}` is not possible with `--read-only`", statement.facts.verb),
                "take it out: everything runs in one read-only transaction",
            ));
        }
    }
    if real.is_empty() {
        return Err(CommandError::Usage {
            message: format!("{name} holds no statement"),
            hint: "give some SQL".into(),
        });
    }
    Ok(())
}
