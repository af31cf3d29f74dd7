//! Loads the files of a schema, in whatever order they are: each as one transaction; those that fail again, after the others;
//! and what then remains statement by statement, in rounds, until a round makes no progress. What a file sets for its session
//! ends with the file, and comes before whatever of the file is tried again.

use crate::engine::room::Cut;
use crate::pg::error::{PgError, PgFailure, ServerError};
use crate::pg::session::Session;
use crate::pg::statements::{excerpt, offset_of_character};

use super::files::SqlFile;
use super::refuse::Server;
use super::roles::make;
use super::statement::{LeftOut, Runs, Script, lacking, scripts};
use super::{Guard, Ran, Shadow, ShadowError, Spot, Statement};

/// How often what failed is tried again: deeper chains of dependencies than this in the wrong order are nobody's.
const ROUNDS: usize = 200;

/// What a round begins with, and goes on with after what cannot be in a transaction.
const BEGIN: &str = "BEGIN; SAVEPOINT pgkeel";

/// How much of a failed statement is shown, in characters.
const SHOWN: usize = 200;

impl Shadow {
    /// Load these files. Returns what was left out.
    ///
    /// # Errors
    /// `Lex`, `Refused`, `Roles`, `Statement`, `Pg`.
    pub fn load(&self, files: &[SqlFile]) -> Result<Vec<LeftOut>, ShadowError> {
        let mut session = self.connect()?;
        let mut left_out = Vec::new();
        let scripts = scripts(files, self.server(), &mut session, &mut left_out)?;
        if let Some(schema) = self.opening().url.schema() {
            // As a run does that the URL sends there.
            let schema = crate::pg::ident::Ident::new(schema);
            session.query(&format!("CREATE SCHEMA IF NOT EXISTS {schema}"))?;
        }
        let mut loading = Loading { session, shadow: self, aside: None, committed: false };
        let mut open: Vec<Open<'_>> = scripts.iter().map(Open::new).collect();
        loading.by_file(&mut open)?;
        loading.by_statement(&mut open)?;
        Ok(left_out)
    }
}

impl Shadow {
    /// Load one file as a person does with psql: each statement once, in the order in which they stand. Returns what was left
    /// out.
    ///
    /// # Errors
    /// `Lex`, `Refused`, `Roles`, `Statement`, `Pg`.
    pub fn load_in_order(&self, file: &SqlFile) -> Result<Vec<LeftOut>, ShadowError> {
        let mut left_out = Vec::new();
        let scripts =
            scripts(std::slice::from_ref(file), self.server(), &mut self.beside_login()?, &mut left_out)?;
        let session = self.connect()?;
        let mut loading = Loading { session, shadow: self, aside: None, committed: false };
        for mut open in scripts.iter().map(Open::new) {
            // One message is far quicker; what it stumbles over is found statement by statement.
            if open.is_whole() && loading.file(open.script)? {
                continue;
            }
            let mut failed = Vec::new();
            loading.round(&mut open, &mut failed)?;
            if !failed.is_empty() {
                return Err(loading.told(failed)?);
            }
        }
        Ok(left_out)
    }
}

/// A file of which something is left to do.
struct Open<'a> {
    script: &'a Script<'a>,
    /// Which of its statements have run.
    done: Vec<bool>,
}

impl<'a> Open<'a> {
    fn new(script: &'a Script<'a>) -> Self {
        Self { script, done: vec![false; script.statements.len()] }
    }

    fn left(&self) -> usize {
        self.script.statements.iter().zip(&self.done).filter(|(runs, done)| !**done && !runs.sets).count()
    }

    /// Whether only statements that can share a transaction are in it.
    fn is_whole(&self) -> bool {
        self.script.statements.iter().all(|runs| !runs.is_alone())
    }
}

/// A statement that failed.
struct Failed<'a> {
    script: &'a Script<'a>,
    runs: &'a Runs,
    error: Box<ServerError>,
}

struct Loading<'s> {
    session: Session,
    shadow: &'s Shadow,
    /// Asks and makes roles while the other one is in a transaction.
    aside: Option<Session>,
    /// The last statement was run after the transaction was committed.
    committed: bool,
}

impl Loading<'_> {
    /// Whole files, until none more goes through. Only files that are left stay in `open`.
    fn by_file(&mut self, open: &mut Vec<Open<'_>>) -> Result<(), ShadowError> {
        loop {
            let before = open.len();
            let mut left = Vec::new();
            for file in open.drain(..) {
                if !(file.is_whole() && self.file(file.script)?) {
                    left.push(file);
                }
            }
            *open = left;
            if open.is_empty() || open.len() == before {
                return Ok(());
            }
        }
    }

    /// One file in one message. Whether it went through.
    fn file(&mut self, script: &Script<'_>) -> Result<bool, ShadowError> {
        if self.shadow.guarded().is_some() {
            // What a superuser has to run is found statement by statement.
            return Ok(false);
        }
        let mut sql = format!("{}BEGIN; ", self.prelude());
        for runs in &script.statements {
            sql.push_str(&runs.sql);
            // A line comment may end it.
            sql.push_str("\n;");
        }
        sql.push_str("COMMIT");
        match self.session.query(&sql) {
            Ok(_) => Ok(true),
            Err(PgError::Server(_)) => {
                self.session.query("ROLLBACK")?;
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// What is left, each statement by itself, round after round.
    fn by_statement(&mut self, open: &mut [Open<'_>]) -> Result<(), ShadowError> {
        for round in 1.. {
            let before: usize = open.iter().map(Open::left).sum();
            let mut failed = Vec::new();
            for file in open.iter_mut() {
                self.round(file, &mut failed)?;
            }
            let after: usize = open.iter().map(Open::left).sum();
            if failed.is_empty() {
                return Ok(());
            }
            if after == before || round == ROUNDS {
                return Err(self.told(failed)?);
            }
        }
        Ok(())
    }

    /// One round through one file: in a transaction, every statement under a savepoint, so that SET LOCAL counts as far as the
    /// file says. What cannot be in a transaction comes between two.
    fn round<'a>(&mut self, file: &mut Open<'a>, failed: &mut Vec<Failed<'a>>) -> Result<(), ShadowError> {
        let script = file.script;
        let mut since_commit = Vec::new();
        let mut cut = Cut::default();
        self.session.query(&format!("{}{BEGIN}", self.prelude()))?;
        for (at, runs) in script.statements.iter().enumerate() {
            if file.done[at] && !runs.sets {
                continue;
            }
            let ended = if runs.is_alone() {
                since_commit.clear();
                self.alone(runs)?
            } else {
                self.one(runs)?
            };
            match ended {
                Ok(()) => {
                    file.done[at] = true;
                    if std::mem::take(&mut self.committed) {
                        since_commit.clear();
                    } else {
                        since_commit.extend((!runs.is_alone()).then_some(at));
                    }
                    if cut.is_due(&mut self.session)? {
                        match self.session.query("COMMIT") {
                            Ok(_) => {}
                            Err(PgError::Server(error)) => {
                                since_commit.iter().for_each(|at| file.done[*at] = false);
                                failed.push(Failed { script, runs, error });
                            }
                            Err(error) => return Err(error.into()),
                        }
                        since_commit.clear();
                        self.session.query(BEGIN)?;
                    }
                }
                // A newer pg_dump sets what an older server does not know, and means the default.
                Err(error) if runs.sets && error.failure() == PgFailure::UndefinedObject => {
                    file.done[at] = true
                }
                Err(error) => failed.push(Failed { script, runs, error }),
            }
        }
        match self.session.query("COMMIT") {
            Ok(_) => Ok(()),
            // A deferred constraint, or a trigger of one: nothing of this round stays.
            Err(PgError::Server(error)) => {
                since_commit.iter().for_each(|at| file.done[*at] = false);
                let last = since_commit.last().map(|at| &script.statements[*at]);
                failed.extend(last.map(|runs| Failed { script, runs, error }));
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    fn one(&mut self, runs: &Runs) -> Result<Result<(), Box<ServerError>>, ShadowError> {
        if let Some(guard) = self.shadow.guarded() {
            return self.over(guard, runs, Statement::InTransaction);
        }
        // The savepoint is there before the message: one that does not parse would not set it.
        let sql = format!("{}\n; RELEASE SAVEPOINT pgkeel; SAVEPOINT pgkeel", runs.sql);
        let error = match self.session.query(&sql) {
            Ok(_) => return Ok(Ok(())),
            Err(PgError::Server(error)) => error,
            Err(error) => return Err(error.into()),
        };
        self.session.query("ROLLBACK TO SAVEPOINT pgkeel")?;
        if error.failure() == PgFailure::UndefinedObject && self.make_roles(runs)? {
            return self.one(runs);
        }
        Ok(Err(error))
    }

    /// One statement over the login of a guarded shadow.
    fn over(
        &mut self,
        guard: &Guard,
        runs: &Runs,
        statement: Statement,
    ) -> Result<Result<(), Box<ServerError>>, ShadowError> {
        let error = match guard.run(&mut self.session, &runs.sql, statement) {
            Ok(ran) => {
                if ran == Ran::Committed {
                    self.committed = true;
                    self.session.query("SAVEPOINT pgkeel")?;
                }
                return Ok(Ok(()));
            }
            Err(PgError::Server(error)) => error,
            Err(error) => return Err(error.into()),
        };
        if statement == Statement::InTransaction {
            // What came before may have been committed, and the savepoint with it.
            let back = "ROLLBACK TO SAVEPOINT pgkeel_guard; RELEASE SAVEPOINT pgkeel_guard";
            self.session.query(back)?;
        }
        if error.failure() == PgFailure::UndefinedObject && self.make_roles(runs)? {
            return self.over(guard, runs, statement);
        }
        Ok(Err(error))
    }

    /// Make the roles that a statement names, on a server of our own. Whether any was missing.
    fn make_roles(&mut self, runs: &Runs) -> Result<bool, ShadowError> {
        if self.shadow.server() != Server::Private {
            return Ok(false);
        }
        let mut aside = self.aside.take().map_or_else(|| self.shadow.beside_login(), Ok)?;
        let missing = lacking(&runs.sql, &mut aside)?;
        make(&mut aside, &missing)?;
        self.aside = Some(aside);
        Ok(!missing.is_empty())
    }

    /// Between two transactions, under what the file has set so far.
    fn alone(&mut self, runs: &Runs) -> Result<Result<(), Box<ServerError>>, ShadowError> {
        self.session.query("COMMIT")?;
        let ended = match self.shadow.guarded() {
            Some(guard) => self.over(guard, runs, Statement::Alone)?,
            None => match self.session.query(&runs.sql) {
                Ok(_) => Ok(()),
                Err(PgError::Server(error)) => Err(error),
                Err(error) => return Err(error.into()),
            },
        };
        self.session.query(BEGIN)?;
        Ok(ended)
    }

    /// Before every file: nothing of the one before it. A function's body may name what comes later.
    fn prelude(&self) -> String {
        format!("{}SET check_function_bodies = off; ", self.session.prelude())
    }
}

impl Loading<'_> {
    /// The error that explains the others: one that is no mere want of what another statement makes.
    fn told(&mut self, failed: Vec<Failed<'_>>) -> Result<ShadowError, PgError> {
        let others = failed.len() - 1;
        let at = failed.iter().position(|one| !wants(&one.error)).unwrap_or(0);
        let Some(one) = failed.into_iter().nth(at) else {
            return Err(PgError::Unexpected("a round failed without an error".into()));
        };
        if one.error.failure() == PgFailure::UndefinedObject {
            let roles = lacking(&one.runs.sql, &mut self.session)?;
            if !roles.is_empty() {
                let (path, line) = (one.script.file.path.clone(), one.runs.statement.line);
                return Ok(ShadowError::Roles { path, line, roles });
            }
        }
        Ok(one.shown(others))
    }
}

impl Failed<'_> {
    fn shown(self, others: usize) -> ShadowError {
        let Self { script, runs, error } = self;
        let text = &script.file.text;
        let begins = runs.statement.body.start;
        let offset = match error.0.position {
            Some(position) => begins + offset_of_character(&runs.sql, position),
            None => begins,
        };
        let excerpt = excerpt(text, offset);
        let at = Spot {
            path: script.file.path.clone(),
            line: excerpt.line_no,
            column: excerpt.column,
            line_text: excerpt.line_text,
            caret: excerpt.caret,
        };
        let statement: String = runs.sql.chars().take(SHOWN).collect();
        ShadowError::Statement { at: Box::new(at), statement, error, others }
    }
}

/// Classes of errors that a statement has for want of another's object (docs appendix A, class 42, and 3F000).
fn wants(error: &ServerError) -> bool {
    ["42P01", "42883", "42704", "42703", "3F000", "42P02"].contains(&error.0.sqlstate.as_str())
}
