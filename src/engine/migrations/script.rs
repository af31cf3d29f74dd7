//! Reads one SQL file of a migration: its checksums, what its statements need, and what is wrong
//! with it, with line and remedy. A large file is read in pieces and not kept.

use std::path::{Path, PathBuf};

use crate::engine::row_security::RowSecurity;
use crate::pg::plain;
use crate::pg::statements::{Control, EnumValue, Streamed, Transaction, uses_value};

use super::body::{Body, BodyError, LARGEST_KEPT};
use super::finding::{Finding, Severity};
use super::folder::{line_of, sha256};

/// An SQL file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// Where it is.
    pub path: PathBuf,
    /// Its SQL; lossy where it is not UTF-8, which is a finding.
    pub body: Body,
    /// SHA-256 of its bytes.
    pub checksum: String,
    /// SHA-256 of its tokens joined by one blank.
    pub checksum_normalised: String,
    /// Whether it holds no statement.
    pub is_empty: bool,
    /// Whether it sets lock_timeout itself.
    pub sets_lock_timeout: bool,
    /// Whether policies filter what it reads and changes.
    pub row_security: RowSecurity,
}

/// Whether the script runs in one transaction (`metadata.toml`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// In one.
    Transaction,
    /// Statement by statement.
    Statements,
}

/// Read a file; what is wrong with it is added to the findings.
///
/// # Errors
/// What the file system says.
pub fn read(path: &Path, mode: Mode, findings: &mut Vec<Finding>) -> std::io::Result<Script> {
    let mut found = Findings { path, all: findings };
    let bytes = std::fs::metadata(path)?.len();
    let (body, checksum) = if bytes <= LARGEST_KEPT {
        let bytes = plain::read(path)?;
        let checksum = sha256(&bytes);
        (Body::Text(text(bytes, &mut found)), Some(checksum))
    } else {
        (Body::Large { path: path.to_path_buf(), bytes }, None)
    };
    if let Some(text) = body.text()
        && let Some(offset) = text.find('\0')
    {
        found.block(
            line_of(&text.as_bytes()[..offset]),
            format!("there is a zero byte at offset {offset}, which PostgreSQL cannot read"),
            "take it out, or save the file as UTF-8 if it is UTF-16",
        );
    }
    let mut statements = body.normalising().map_err(io)?;
    let mut inspector = Inspector { mode, added: Vec::new() };
    let (mut is_empty, mut sets_lock_timeout, mut complete) = (true, false, true);
    let mut row_security = RowSecurity::Off;
    for next in statements.by_ref() {
        match next {
            Ok(streamed) => {
                is_empty &= streamed.statement.is_empty();
                sets_lock_timeout |= streamed.statement.facts.sets.as_deref() == Some("lock_timeout");
                row_security = row_security.max(RowSecurity::of(&streamed.statement, &streamed.text));
                inspector.inspect(&streamed, &mut found);
            }
            Err(BodyError::Read { source, .. }) => return Err(source),
            Err(BodyError::Lex(error)) => {
                found.block(error.line, error.what.to_string(), error.what.remedy());
                complete = false;
            }
            Err(error @ BodyError::NotUtf8 { line, .. }) => {
                found.block(line, error.to_string(), UTF8);
                complete = false;
            }
        }
    }
    let checksum = checksum.or_else(|| statements.checksum()).unwrap_or_default();
    let checksum_normalised =
        statements.normal_checksum().filter(|_| complete).unwrap_or_else(|| checksum.clone());
    // What cannot be split holds something.
    let is_empty = is_empty && complete;
    Ok(Script {
        path: path.to_path_buf(),
        body,
        checksum,
        checksum_normalised,
        is_empty,
        sets_lock_timeout,
        row_security,
    })
}

const UTF8: &str = "save the file as UTF-8 (`iconv -f LATIN1 -t UTF-8` if it is Latin-1)";

fn io(error: BodyError) -> std::io::Error {
    match error {
        BodyError::Read { source, .. } => source,
        other => std::io::Error::other(other.to_string()),
    }
}

fn text(bytes: Vec<u8>, found: &mut Findings<'_>) -> String {
    match String::from_utf8(bytes) {
        // A byte order mark is no part of the text, and the server would stumble over it.
        Ok(text) => text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text),
        Err(error) => {
            let offset = error.utf8_error().valid_up_to();
            let bytes = error.into_bytes();
            let what = format!("the byte 0x{:02X} at offset {offset} is not UTF-8", bytes[offset]);
            found.block(line_of(&bytes[..offset]), what, UTF8);
            String::from_utf8_lossy(&bytes).into_owned()
        }
    }
}

/// Findings of one file.
struct Findings<'a> {
    path: &'a Path,
    all: &'a mut Vec<Finding>,
}

impl Findings<'_> {
    fn block(&mut self, line: u32, message: String, remedy: &str) {
        self.add(Severity::Blocking, line, message, remedy);
    }

    fn note(&mut self, line: u32, message: String, remedy: &str) {
        self.add(Severity::Note, line, message, remedy);
    }

    fn add(&mut self, severity: Severity, line: u32, message: String, remedy: &str) {
        self.all.push(Finding {
            severity,
            file: self.path.to_path_buf(),
            line: Some(line),
            message,
            remedy: remedy.into(),
        });
    }
}

/// Looks at statement after statement.
struct Inspector {
    mode: Mode,
    /// Enum values that this transaction has added.
    added: Vec<EnumValue>,
}

impl Inspector {
    fn inspect(&mut self, streamed: &Streamed, found: &mut Findings<'_>) {
        let statement = &streamed.statement;
        let (line, verb) = (statement.line, &statement.facts.verb);
        if matches!(statement.facts.control, Some(Control::Begin | Control::Commit | Control::Rollback)) {
            let (what, remedy) = match self.mode {
                Mode::Transaction => (
                    format!(
                        "`{verb}` would end the transaction that holds the migration and its record together"
                    ),
                    "take BEGIN, COMMIT and ROLLBACK out: pgkeel runs the file in one transaction",
                ),
                Mode::Statements => (
                    format!("`{verb}` would tear a statement and the record of it apart"),
                    "take BEGIN, COMMIT and ROLLBACK out: what must be in one transaction goes into a migration of its own",
                ),
            };
            found.block(line, what, remedy);
        }
        if let Some(command) = &statement.meta_command {
            let what = format!("`{command}` is a command of psql, not SQL");
            found.block(line, what, "take it out, or write its effect in SQL");
        }
        if statement.copy_from_stdin() {
            let what = "`COPY … FROM STDIN` needs a data stream, which a migration does not have".into();
            found.block(line, what, "write INSERT statements (`pg_dump --inserts`)");
        }
        // DISCARD ALL and its like would hand the migration lock to the next run that comes along.
        let unlocks = streamed.body().contains("pg_advisory_unlock_all").then_some("pg_advisory_unlock_all");
        if let Some(what) = unlocks.or_else(|| verb.starts_with("DISCARD").then_some(verb.as_str())) {
            let what = format!("`{what}` would give the migration lock away");
            found.block(
                line,
                what,
                "take it out: pg_advisory_unlock lets go of one lock, RESET ALL resets settings",
            );
        }
        if self.mode == Mode::Statements {
            return;
        }
        if statement.facts.transaction == Transaction::Forbidden {
            let what = format!("`{verb}` cannot run in a transaction");
            found.block(
                line,
                what,
                "put it into a migration whose metadata.toml says `run_in_transaction = false`",
            );
        }
        if let Some(value) = self.added.iter().find(|value| uses_value(streamed.body(), &value.value)) {
            let what = format!(
                "the new enum value `{}` cannot be used in the transaction that adds it",
                value.value
            );
            // A note: the literal may be mere text, and where it is not, the server rolls everything back.
            found.note(line, what, "put ALTER TYPE … ADD VALUE into a migration of its own, before this one");
        }
        if let Some(value) = &statement.facts.adds_enum_value {
            self.added.push(value.clone());
        }
    }
}
