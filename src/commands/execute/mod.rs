//! `pgkeel execute`: run SQL and print the rows, as they come.

mod format;

use std::io::Read as _;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::{ArgGroup, Args as ClapArgs, ValueEnum};

use crate::context::{Context, Fallback};
use crate::engine::guard::Deed;
use crate::exit::{CommandError, Exit};
use crate::pg::error::PgError;
use crate::pg::session::Incoming;
use crate::pg::statements::{self, Statement, Transaction};

use super::ask::permission;
use super::open::choose;
use super::watch::notice_text;
use format::Writer;

/// Run SQL and print the rows
#[derive(Debug, ClapArgs)]
#[command(group(ArgGroup::new("source").required(true).args(["sql", "file", "stdin"])))]
#[command(
    after_help = "All statements run in one transaction, unless one of them cannot (VACUUM, CREATE INDEX CONCURRENTLY):
then each runs for itself. DROP, TRUNCATE, and DELETE or UPDATE without WHERE ask first.

Examples:
  pgkeel execute --sql 'SELECT count(*) FROM \"User\"'
  pgkeel execute --file report.sql --format csv > report.csv
  echo 'SELECT 1' | pgkeel execute --stdin --json
  pgkeel execute --read-only --file question.sql"
)]
pub(crate) struct Args {
    /// The SQL itself
    #[arg(long, value_name = "SQL")]
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

    /// How to print rows
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
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
    let (name, text) = source(args)?;
    let all = statements::split(&text).map_err(|error| CommandError::Usage {
        message: format!("{name}: {error}"),
        hint: "close it, and run the command again".into(),
    })?;
    let real: Vec<&Statement> = all.iter().filter(|statement| !statement.is_empty()).collect();
    check(&name, &all, &real, args.read_only)?;
    let chosen = choose(cx, Fallback::DevCluster, "execute")?;
    let (mut session, ledger) = chosen.look(cx)?;
    let destroys: Vec<_> = real.iter().filter(|statement| statement.facts.loses.is_some()).collect();
    if !destroys.is_empty() && !args.read_only {
        let place = chosen.guarded(&cx.config, &ledger);
        let listed: Vec<_> = destroys
            .iter()
            .map(|s| {
                format!("\n  line {}: {}", s.line, text[s.body.clone()].chars().take(90).collect::<String>())
            })
            .collect();
        permission(cx, &place, Deed::Other, false, &format!("this can destroy data:{}", listed.concat()))?;
    }
    let format = if cx.config.answers.json { Format::Json } else { args.format };
    let mut writer = Writer::new(format);
    let settings = session.local_settings();
    let alone =
        real.iter().any(|s| s.facts.transaction == Transaction::Forbidden || s.facts.control.is_some());
    let messages: Vec<Message> = match (args.read_only, alone) {
        // A query in front closes the window in which SET TRANSACTION READ WRITE would work.
        (true, _) => vec![framed(&format!("BEGIN READ ONLY; {settings}SELECT 1; "), &text)],
        (false, false) => vec![framed(&format!("BEGIN; {settings}"), &text)],
        (false, true) => real.iter().map(|s| single(&text, s)).collect(),
    };
    // Behind a pooler a setting of the session would be somebody else's next.
    if alone && session.announced_pid() == ledger.facts.backend_pid {
        session.query(&session.prelude())?;
    }
    let mut ended = Ok(());
    for Message { sql: message, prefix, start, ours: hidden } in messages {
        let mut seen = 0;
        let mut written = Ok(());
        let ran = session.run(&message, &mut |incoming| {
            let is_ours = hidden > 0 && (seen < hidden || matches!(incoming, Incoming::Done("COMMIT")));
            if let Incoming::Done(_) = incoming {
                seen += 1;
            }
            if let Incoming::Notice(notice) = incoming {
                cx.ui.note(&notice_text(notice));
            } else if !is_ours && written.is_ok() {
                written = writer.take(incoming, &mut cx.ui);
            }
        });
        written?;
        if let Err(failed) = ran {
            let inside = failed.finished.saturating_sub(hidden);
            let offset = position(&failed.error)
                .map(|position| {
                    statements::offset_of_character(&message, position).saturating_sub(prefix) + start
                })
                .or_else(|| real.get(inside).filter(|_| hidden > 0).map(|s| s.body.start))
                .unwrap_or(start);
            ended = Err((failed.error, offset));
            break;
        }
    }
    match ended {
        Ok(()) => {
            writer.end(None, &mut cx.ui)?;
            Ok(Exit::Ok)
        }
        Err((error, offset)) => {
            let place = statements::position(&text, offset.min(text.len()));
            writer.end(Some(&error.to_string()), &mut cx.ui)?;
            Err(anyhow::Error::from(error).context(format!("{name}:{}:{}", place.line, place.column)))
        }
    }
}

/// What is sent at once.
struct Message {
    sql: String,
    /// Where the source begins in it, in bytes.
    prefix: usize,
    /// Where it begins in the source, in bytes.
    start: usize,
    /// How many statements of ours come first.
    ours: usize,
}

fn single(text: &str, statement: &Statement) -> Message {
    Message { sql: text[statement.body.clone()].to_owned(), prefix: 0, start: statement.body.start, ours: 0 }
}

/// One transaction around the text.
fn framed(head: &str, text: &str) -> Message {
    let ours = statements::split(head).map_or(0, |all| all.iter().filter(|s| !s.is_empty()).count());
    Message { sql: format!("{head}{text}\n;COMMIT"), prefix: head.len(), start: 0, ours }
}

fn position(error: &PgError) -> Option<usize> {
    match error {
        PgError::Server(server) => server.0.position,
        _ => None,
    }
}

fn source(args: &Args) -> Result<(String, String)> {
    if let Some(sql) = &args.sql {
        return Ok(("--sql".into(), sql.clone()));
    }
    let (name, bytes) = match &args.file {
        Some(file) => {
            let name = file.display().to_string();
            (name.clone(), std::fs::read(file).with_context(|| format!("cannot read `{name}`"))?)
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
        if read_only && statement.facts.control.is_some() {
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
