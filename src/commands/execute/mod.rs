//! `pgkeel execute`: run SQL and print the rows, as they come.

mod format;

use std::io::Read as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::{ArgGroup, Args as ClapArgs, ValueEnum};

use crate::context::{Context, Fallback};
use crate::engine::backup::manifest::Reason;
use crate::engine::backup::take::Locking;
use crate::engine::guard::Deed;
use crate::engine::ledger::store::WayBack;
use crate::exit::{CommandError, Exit, Scene, SqlFailure, problem};
use crate::pg::error::{PgError, PgFailure};
use crate::pg::plain::open_given;
use crate::pg::session::{Failed, Incoming, TransactionStatus};
use crate::pg::statements::{self, Control, Statement, Transaction};

use super::ask::permission;
use super::backup_first::{FirstArgs, Occasion, backup_first, tell_way_back};
use super::open::{choose, lock_wait};
use super::watch::{more_notices, notice_text};
use format::Writer;

/// Run SQL and print the rows
#[derive(Debug, ClapArgs)]
#[command(group(ArgGroup::new("source").required(true).args(["sql", "file", "stdin"])))]
#[command(
    after_help = "All statements run in one transaction, unless one of them cannot (VACUUM, CREATE INDEX CONCURRENTLY): \
then each runs for itself. DROP, TRUNCATE, and DELETE or UPDATE without WHERE ask first.

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
    let (mut session, ledger) = chosen.look(cx)?;
    let mut way = WayBack::default();
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
        let lock = Locking::Acquire(lock_wait(&cx.config, None));
        let occasion = Occasion { before: "SQL", reason: Reason::PreExecute, lock };
        way = backup_first(cx, &chosen, &mut session, &ledger, args.first, occasion)?;
    }
    let mut writer = Writer::new(if cx.ui.is_json() { Format::Json } else { args.format });
    // Our own statements are not under the limits of role and database, the person's SQL is. Behind a pooler no session
    // could start with ours.
    let is_direct = session.announced_pid() == ledger.facts.backend_pid;
    let mut session = if is_direct {
        drop(session);
        chosen.opening.as_found().connect()?
    } else {
        session.as_found()
    };
    let mut text = text;
    let messages = Message::all(&mut text, &real, args.read_only, &session.local_settings());
    // Behind a pooler a setting of the session would be somebody else's next.
    if messages.iter().any(Message::is_alone) && is_direct {
        let prelude = format!("{}{}", session.prelude(), session.their_limits());
        session.query(&prelude)?;
    }
    for message in messages {
        let (mut seen, mut more) = (0, 0);
        let mut written = Ok(());
        let stop = cx.interrupt.clone();
        let ran = session.run(&message.sql, &mut |incoming| {
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
                    // The rest would be read for nobody.
                    stop.raise();
                }
            }
        });
        if more > 0 {
            cx.ui.note(&more_notices(more));
        }
        written?;
        if let Err(failed) = ran {
            if message.is_alone() {
                tell_way_back(cx, &way);
            }
            let error = anyhow::Error::from(CommandError::Sql(Box::new(SqlFailure {
                offset: message.offset_of(&failed, &real),
                state: message.state_after(&real, args.read_only),
                hint: (args.read_only && failed.error.failure() == PgFailure::ReadOnly)
                    .then(|| "leave `--read-only` out if the write is meant".to_owned()),
                file: name,
                text: if message.is_alone() { text } else { message.taken_back() },
                cause: failed.error,
            })));
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

/// What is sent at once: the whole text in a transaction of ours, or one statement.
struct Message {
    sql: String,
    /// Where the user's text begins in it, and where that part begins in the whole.
    prefix: usize,
    start: usize,
    /// How long that part is.
    length: usize,
    /// Which of its statements are the user's.
    theirs: Range<usize>,
}

impl Message {
    /// The text is moved into a message that holds all of it: there may be no memory for two of them.
    fn all(text: &mut String, real: &[&Statement], read_only: bool, settings: &str) -> Vec<Self> {
        let framed = |text: &mut String, head: String, end: &str| {
            let ours = statements::split(&head).map_or(0, |all| all.iter().filter(|s| !s.is_empty()).count());
            let mut sql = std::mem::take(text);
            let length = sql.len();
            sql.insert_str(0, &head);
            sql.push_str(&format!("\n;{end}\0"));
            vec![Self { sql, prefix: head.len(), length, start: 0, theirs: ours..ours + real.len() }]
        };
        if read_only {
            // A query in front closes the window in which SET TRANSACTION READ WRITE would work. Older servers let
            // RESET open it again: what slips by is not kept.
            framed(text, format!("BEGIN READ ONLY; {settings}SELECT 1; "), "ROLLBACK")
        } else if real.iter().any(|s| s.facts.transaction == Transaction::Forbidden || controls(s)) {
            let alone = |s: &&Statement| Self {
                sql: text[s.body.clone()].to_owned(),
                prefix: 0,
                length: s.body.len(),
                start: s.body.start,
                theirs: 0..1,
            };
            real.iter().map(alone).collect()
        } else {
            framed(text, format!("BEGIN; {settings}"), "COMMIT")
        }
    }

    /// The text that was moved into it.
    fn taken_back(mut self) -> String {
        self.sql.truncate(self.prefix + self.length);
        self.sql.drain(..self.prefix);
        self.sql
    }

    /// Whether it is a statement without a transaction of ours.
    fn is_alone(&self) -> bool {
        self.theirs.start == 0
    }

    /// Where in the text it failed; `None`: at COMMIT.
    fn offset_of(&self, failed: &Failed, real: &[&Statement]) -> Option<usize> {
        let told = match &failed.error {
            PgError::Server(server) => server.0.position,
            _ => None,
        };
        match told {
            Some(character) => {
                let offset = statements::offset_of_character(&self.sql, character);
                Some(offset.saturating_sub(self.prefix) + self.start)
            }
            None if self.is_alone() => Some(self.start),
            None => real.get(failed.finished.saturating_sub(self.theirs.start)).map(|s| s.body.start),
        }
    }

    /// How the database stands after this one failed.
    fn state_after(&self, real: &[&Statement], read_only: bool) -> String {
        let before = real.iter().filter(|s| s.body.start < self.start).count();
        match before {
            _ if read_only => "unchanged".into(),
            0 => "rolled back, nothing of it stays".into(),
            1 => "the statement before this one has run for itself".into(),
            n => format!("the {n} statements before this one have run, each for itself"),
        }
    }
}

/// Whether it begins or ends a transaction; savepoints stay inside.
fn controls(statement: &Statement) -> bool {
    statement.facts.control.is_some_and(|control| control != Control::Savepoint)
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
