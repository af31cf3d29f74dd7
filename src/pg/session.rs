//! The session on which the user's SQL runs: simple queries over libpq, rows and notices as they
//! come, Ctrl-C cancels on the server. It never prints, and knows nothing of migrations.

use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout};

use super::connect::{self, ConnectOptions};
use super::copy_text;
use super::error::{PgError, ServerError};
use super::ident::Ident;
use super::interrupt::Interrupt;
pub use super::libpq::{Column, Fields, TransactionStatus};
use super::libpq::{Conn, Kept, Reply};
use super::secret::Secret;
use super::settings::{self, Limits, OUR_PATH, SearchPath};
use super::url::DatabaseUrl;

/// Puts pg_catalog in front of the search_path that applies, wherever it named it before; SQL text that ends in `; `.
const BEHIND_CATALOG: &str = "SELECT pg_catalog.set_config('search_path', pg_catalog.concat_ws(', ', 'pg_catalog', \
     CASE WHEN pg_catalog.length(pg_catalog.current_setting('search_path')) OPERATOR(pg_catalog.>) 0 \
     THEN pg_catalog.current_setting('search_path') END, 'pg_temp'), false); ";

/// How often a waiting session looks at the interrupt flag.
const TICK: Duration = Duration::from_millis(100);

/// How long a cancelled statement may take to answer before we give up on the connection.
const CANCEL_PATIENCE: Duration = Duration::from_secs(10);

/// What arrives while a message runs.
#[derive(Debug)]
pub enum Incoming<'a> {
    /// A query's columns, before its first row.
    Columns(&'a [Column]),
    /// One row, in text form; `None` is NULL.
    Row(Vec<Option<String>>),
    /// One row of COPY TO STDOUT.
    CopyRow(&'a [u8]),
    /// A statement finished, with its command tag.
    Done(&'a str),
    /// Nothing arrived for a tenth of a second.
    Waiting,
    /// NOTICE, WARNING, INFO, LOG.
    Notice(&'a Fields),
    /// So many more notices came faster than they were handed on, and were not kept.
    MoreNotices(usize),
}

/// SQL as libpq takes it, with a zero byte at its end: a large one is not copied for that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed(String);

impl Sealed {
    /// Seal it.
    #[must_use]
    pub fn new(mut sql: String) -> Self {
        sql.push('\0');
        Self(sql)
    }

    /// What to run.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0
    }
}

impl std::ops::Deref for Sealed {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0[..self.0.len() - 1]
    }
}

/// How a message ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finish {
    /// The command tag of the last statement.
    pub last_tag: String,
    /// How many statements finished.
    pub finished: usize,
}

/// A message that failed, and how far it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// Why.
    pub error: PgError,
    /// How many of its statements had finished before.
    pub finished: usize,
}

/// A collected result.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rows {
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows in text form.
    pub rows: Vec<Vec<Option<String>>>,
    /// The command tag.
    pub tag: String,
}

impl Rows {
    /// The value in `row`, `column`; NULL and absent are both `None`.
    pub fn get(&self, row: usize, column: usize) -> Option<&str> {
        self.rows.get(row)?.get(column)?.as_deref()
    }
}

/// One connection to one database.
pub struct Session {
    conn: Conn,
    url: DatabaseUrl,
    options: ConnectOptions,
    interrupt: Interrupt,
    server_pid: i32,
    checks_client: bool,
    started: Limits,
    limit: Option<Limit>,
}

/// When the connection is given up, without a word to the other side.
struct Limit {
    until: Instant,
    interrupt: Interrupt,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Session({})", self.url)
    }
}

impl Session {
    /// Connect.
    ///
    /// # Errors
    /// `PgError::Connect` with its cause, `PgError::Interrupted` on Ctrl-C.
    pub fn connect(
        url: &DatabaseUrl,
        options: &ConnectOptions,
        interrupt: &Interrupt,
    ) -> Result<Self, PgError> {
        let (conn, started) = connect::establish(url, options, interrupt)?;
        let server_pid = conn.backend_pid();
        Ok(Self {
            conn,
            url: url.clone(),
            options: options.clone(),
            interrupt: interrupt.clone(),
            server_pid,
            checks_client: false,
            started,
            limit: None,
        })
    }

    /// A second session to the same place, as for cancelling, watching and probing: for statements of ours alone.
    ///
    /// # Errors
    /// As `connect`.
    pub fn another(&self) -> Result<Self, PgError> {
        Self::connect(&self.url, &self.options.at_once().for_ours(), &self.interrupt)
    }

    /// The same, for SQL that a person runs as if in psql: no message sets limits of ours.
    #[must_use]
    pub fn as_found(mut self) -> Self {
        self.options = self.options.as_found();
        self
    }

    /// Where this session is connected to.
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// The settings that every message of ours begins with, as SQL text that ends in `; `. Whatever
    /// an earlier migration did to the session (`SET ROLE`, an emptied search_path) is gone after it;
    /// the advisory lock stays, which DISCARD ALL would drop. The empty transaction at its end lets
    /// the reset defaults count: what follows in the message would else go on in the transaction that
    /// began with it, read-only or serializable as the last migration may have left it. Not for use
    /// inside a transaction, which it would commit: see `settings`.
    pub fn prelude(&self) -> String {
        format!("{}BEGIN; COMMIT; ", self.settings())
    }

    /// The same for statements of ours alone: with `OUR_PATH`.
    pub fn own_prelude(&self) -> String {
        format!("{}SET search_path = {OUR_PATH}; ", self.prelude())
    }

    /// The same for statements that we generate and that run the user's functions (defaults, triggers, generated columns),
    /// which may find others by search_path: the user's path, behind pg_catalog.
    pub fn generated_prelude(&self) -> String {
        format!("{}{BEHIND_CATALOG}", self.prelude())
    }

    /// Puts pg_catalog in front of the search_path that applies; SQL text that ends in `; `.
    pub fn behind_catalog(&self) -> &'static str {
        BEHIND_CATALOG
    }

    /// The settings alone, also for use inside a transaction of ours. The time zone is that of
    /// Diesel's own connections, under which the same folders run elsewhere. A policy raises an error, and hides no
    /// row in silence (docs 20.11, `row_security`).
    pub fn settings(&self) -> String {
        let mut sql = String::from(
            "RESET SESSION AUTHORIZATION; RESET ALL; SET standard_conforming_strings = on; \
             SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; \
             SET idle_session_timeout = 0; SET row_security = off; SET TIME ZONE 'UTC'; ",
        );
        if self.server_version() >= 170_000 {
            sql.push_str("SET transaction_timeout = 0; ");
        }
        if self.started == Limits::AsFound && self.options.limits == Limits::Ours {
            sql.push_str(settings::after_reset());
        }
        if self.checks_client {
            sql.push_str("SET client_connection_check_interval = '1s'; ");
        }
        if let (Some(schema), SearchPath::Theirs) = (self.url.schema(), self.options.path) {
            sql.push_str(&format!("SET search_path = {}; ", Ident::new(schema)));
        }
        sql
    }

    /// What a transaction of ours begins with, as SQL text that ends in `; `, where a pooler may hand
    /// the server connection to others afterwards: nothing of it outlives the transaction.
    pub fn local_settings(&self) -> String {
        let mut sql = self.local_limits();
        sql.push_str("SET LOCAL standard_conforming_strings = on; ");
        if let Some(schema) = self.url.schema() {
            sql.push_str(&format!("SET LOCAL search_path = {}; ", Ident::new(schema)));
        }
        sql
    }

    /// Whatever limits a role or a database has, a transaction of ours is not under them: SQL text that ends in `; `,
    /// or none where the limits are to count. What the session started with does the same, but not behind every pooler.
    pub fn local_limits(&self) -> String {
        match self.options.limits {
            Limits::Ours => settings::locally(self.server_version()),
            Limits::AsFound => String::new(),
        }
    }

    /// The limits that a person gave for their SQL in the URL's `options` or PGOPTIONS, as SQL text that ends in `; `:
    /// our own statements are not under them.
    pub fn their_limits(&self) -> String {
        settings::for_their_sql(&self.url, "SET")
    }

    /// The same, until the end of the transaction.
    pub fn their_local_limits(&self) -> String {
        settings::for_their_sql(&self.url, "SET LOCAL")
    }

    /// The server can notice a dead client: `check_client` need not ask.
    pub fn assume_client_check(&mut self) {
        self.checks_client = true;
    }

    /// Ask the server to notice a dead client while a statement runs, so that an orphaned backend
    /// does not work on for ever (docs 20.3.2). Returns whether the server can.
    ///
    /// # Errors
    /// Only where the connection itself fails.
    pub fn check_client(&mut self) -> Result<bool, PgError> {
        if self.checks_client {
            return Ok(true);
        }
        match self.query("SET client_connection_check_interval = '1s'") {
            Ok(_) => self.checks_client = true,
            Err(PgError::Server(_)) => {}
            Err(error) => return Err(error),
        }
        Ok(self.checks_client)
    }

    /// The interrupt flag this session obeys.
    pub fn interrupt(&self) -> &Interrupt {
        &self.interrupt
    }

    /// The backend's pid as libpq was told; behind a pooler it is not the server's.
    pub fn announced_pid(&self) -> i32 {
        self.conn.backend_pid()
    }

    /// The backend's pid as the server says.
    pub fn server_pid(&self) -> i32 {
        self.server_pid
    }

    /// How this session was connected.
    pub fn options(&self) -> &ConnectOptions {
        &self.options
    }

    /// Tell the true pid, where `pg_backend_pid()` said another than libpq was told.
    pub fn set_server_pid(&mut self, pid: i32) {
        self.server_pid = pid;
    }

    /// What the server stores of a password (SCRAM-SHA-256), so that the password itself is never sent nor logged.
    ///
    /// # Errors
    /// `PgError::Unexpected` where libpq cannot compute it.
    pub fn verifier(&mut self, user: &str, password: &Secret) -> Result<String, PgError> {
        self.conn.verifier(user, password.expose()).map_err(PgError::Unexpected)
    }

    /// Whether the session has the rights of a superuser, as the server reports by itself.
    pub fn is_superuser(&self) -> bool {
        self.conn.parameter(c"is_superuser").as_deref() == Some("on")
    }

    /// The role of the session, as the server reports by itself.
    pub fn role(&self) -> Option<String> {
        self.conn.parameter(c"session_authorization")
    }

    /// As PQserverVersion: 150018 is 15.18.
    pub fn server_version(&self) -> i32 {
        self.conn.server_version()
    }

    /// Where the transaction stands.
    pub fn transaction_status(&self) -> TransactionStatus {
        self.conn.transaction_status()
    }

    /// Run one message (one or many statements, simple protocol) and hand on what arrives.
    ///
    /// # Errors
    /// The first error of the message, with the number of statements that had finished before it.
    /// The server has rolled back what the message's open transaction held.
    pub fn run(&mut self, sql: &str, on: &mut dyn FnMut(Incoming<'_>)) -> Result<Finish, Failed> {
        let mut finish = Finish { last_tag: String::new(), finished: 0 };
        let early = |error| Failed { error, finished: 0 };
        if self.interrupt.is_raised() {
            return Err(early(PgError::Interrupted));
        }
        if sql.strip_suffix('\0').unwrap_or(sql).contains('\0') {
            return Err(early(PgError::Unsendable("it holds a zero byte".into())));
        }
        self.conn.send(sql).map_err(|message| early(PgError::Lost { message }))?;
        let mut cancelled: Option<Instant> = None;
        let mut failure: Option<PgError> = None;
        let mut in_rows = false;
        loop {
            if let Err(error) = self.wait(&mut cancelled, on) {
                return Err(Failed { error: failure.unwrap_or(error), finished: finish.finished });
            }
            self.hand_on_notices(on);
            let Some(reply) = self.conn.next_reply() else { break };
            self.hand_on_notices(on);
            match reply {
                Reply::Rows { columns, rows, tag } => {
                    if !in_rows {
                        on(Incoming::Columns(&columns));
                        in_rows = true;
                    }
                    rows.into_iter().for_each(|row| on(Incoming::Row(row)));
                    if let Some(tag) = tag {
                        in_rows = false;
                        finish.finished += 1;
                        on(Incoming::Done(&tag));
                        finish.last_tag = tag;
                    }
                }
                Reply::Command(tag) => {
                    finish.finished += 1;
                    on(Incoming::Done(&tag));
                    finish.last_tag = tag;
                }
                Reply::Empty => {}
                Reply::CopyIn => {
                    self.conn.refuse_copy_in("COPY FROM STDIN needs data, which SQL text cannot carry")
                }
                Reply::CopyOut => self
                    .copy_out(&mut cancelled, on)
                    .map_err(|error| Failed { error, finished: finish.finished })?,
                Reply::Error(fields) => {
                    in_rows = false;
                    let lost = self.conn.is_bad() && fields.sqlstate.is_empty();
                    let error = if lost {
                        PgError::Lost { message: self.conn.error_message() }
                    } else {
                        PgError::Server(Box::new(ServerError(*fields)))
                    };
                    failure = failure.or(Some(error));
                }
            }
        }
        match failure {
            None => Ok(finish),
            Some(PgError::Server(error))
                if cancelled.is_some() && error.failure() == super::error::PgFailure::Cancelled =>
            {
                Err(Failed { error: PgError::Interrupted, finished: finish.finished })
            }
            Some(error) => Err(Failed { error, finished: finish.finished }),
        }
    }

    fn hand_on_notices(&mut self, on: &mut dyn FnMut(Incoming<'_>)) {
        let Kept { notices, more } = self.conn.take_notices();
        notices.iter().for_each(|notice| on(Incoming::Notice(notice)));
        if more > 0 {
            on(Incoming::MoreNotices(more));
        }
    }

    /// Run a message and collect every result, those of COPY TO STDOUT in text format too: they have no columns.
    ///
    /// # Errors
    /// As `run`.
    pub fn query(&mut self, sql: &str) -> Result<Vec<Rows>, PgError> {
        self.query_partly(sql).map_err(|(error, _)| error)
    }

    /// As `query`, but keeps the results that came before the error.
    ///
    /// # Errors
    /// As `run`, with the results of the statements that had finished.
    pub fn query_partly(&mut self, sql: &str) -> Result<Vec<Rows>, (PgError, Vec<Rows>)> {
        let mut all = Vec::new();
        let mut current = Rows::default();
        let ended = self.run(sql, &mut |incoming| match incoming {
            Incoming::Columns(columns) => current.columns = columns.to_vec(),
            Incoming::Row(row) => current.rows.push(row),
            Incoming::Done(tag) => {
                current.tag = tag.to_owned();
                all.push(std::mem::take(&mut current));
            }
            Incoming::CopyRow(row) => current.rows.push(copy_text::columns(row)),
            Incoming::Notice(_) | Incoming::MoreNotices(_) | Incoming::Waiting => {}
        });
        match ended {
            Ok(_) => Ok(all),
            Err(failed) => Err((failed.error, all)),
        }
    }

    /// As `query`, for what cannot be cancelled (a pooler's console): after `patience`, or when
    /// `interrupt` is raised, the connection is given up.
    ///
    /// # Errors
    /// As `run`; `PgError::Abandoned` where it was given up, after which the session is of no more use.
    pub fn query_within(
        &mut self,
        sql: &str,
        patience: Duration,
        interrupt: &Interrupt,
    ) -> Result<Vec<Rows>, PgError> {
        self.limit = Some(Limit { until: Instant::now() + patience, interrupt: interrupt.clone() });
        let ended = self.query(sql);
        self.limit = None;
        ended
    }

    /// Ask the catalog: in a transaction of its own, in which nothing but the catalog is in the
    /// search_path, so that nobody's function or operator can take the place of PostgreSQL's.
    ///
    /// # Errors
    /// As `run`.
    pub fn catalog(&mut self, query: &str) -> Result<Rows, PgError> {
        let sql = format!(
            "BEGIN; {}SET LOCAL search_path = {OUR_PATH}; \
             SET LOCAL standard_conforming_strings = on; {query}; COMMIT",
            self.local_limits()
        );
        match self.query(&sql) {
            Ok(results) => Ok(results.into_iter().rfind(|rows| !rows.columns.is_empty()).unwrap_or_default()),
            Err(error) => {
                drop(self.query("ROLLBACK"));
                Err(error)
            }
        }
    }

    /// The first column of the first row of the last result.
    ///
    /// # Errors
    /// As `run`.
    pub fn query_value(&mut self, sql: &str) -> Result<Option<String>, PgError> {
        Ok(self.query(sql)?.last().and_then(|rows| rows.get(0, 0).map(str::to_owned)))
    }

    fn copy_out(
        &mut self,
        cancelled: &mut Option<Instant>,
        on: &mut dyn FnMut(Incoming<'_>),
    ) -> Result<(), PgError> {
        loop {
            match self.conn.copy_row() {
                Ok(Some(row)) => on(Incoming::CopyRow(&row)),
                Ok(None) => self.wait_readable(cancelled, on)?,
                Err(()) => return Ok(()),
            }
        }
    }

    /// Wait until the next reply can be taken without blocking.
    fn wait(
        &mut self,
        cancelled: &mut Option<Instant>,
        on: &mut dyn FnMut(Incoming<'_>),
    ) -> Result<(), PgError> {
        let lost = |message| PgError::Lost { message };
        while !self.conn.flush().map_err(lost)? {
            self.poll(PollFlags::POLLIN | PollFlags::POLLOUT)?;
            self.conn.consume().map_err(lost)?;
            self.obey(cancelled)?;
        }
        while self.conn.is_busy() {
            self.wait_readable(cancelled, on)?;
        }
        Ok(())
    }

    fn wait_readable(
        &mut self,
        cancelled: &mut Option<Instant>,
        on: &mut dyn FnMut(Incoming<'_>),
    ) -> Result<(), PgError> {
        let readable = self.poll(PollFlags::POLLIN)?;
        if readable {
            // A broken connection becomes an error result of PQgetResult: let that speak.
            self.conn.consume().or_else(|message| {
                if self.conn.is_bad() { Ok(()) } else { Err(PgError::Lost { message }) }
            })?;
        } else {
            on(Incoming::Waiting);
        }
        self.obey(cancelled)
    }

    /// The first interrupt cancels on the server, the second gives up waiting for the answer.
    fn obey(&mut self, cancelled: &mut Option<Instant>) -> Result<(), PgError> {
        if let Some(Limit { until, interrupt }) = &self.limit
            && (Instant::now() > *until || interrupt.is_raised())
        {
            return Err(PgError::Abandoned);
        }
        if self.interrupt.is_raised() {
            match cancelled {
                None => {
                    *cancelled = Some(Instant::now());
                    // A failed cancel is no reason to hang: the patience below ends the wait.
                    drop(self.cancel_on_server());
                }
                Some(since) if self.interrupt.count() > 1 || since.elapsed() > CANCEL_PATIENCE => {
                    return Err(PgError::Abandoned);
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    fn poll(&self, flags: PollFlags) -> Result<bool, PgError> {
        let Some(socket) = self.conn.socket() else {
            return Err(PgError::Lost { message: self.conn.error_message() });
        };
        let timeout = PollTimeout::try_from(TICK).unwrap_or(PollTimeout::ZERO);
        match nix::poll::poll(&mut [PollFd::new(socket.as_fd(), flags)], timeout) {
            Ok(ready) => Ok(ready > 0),
            Err(nix::errno::Errno::EINTR) => Ok(false),
            Err(errno) => Err(PgError::Lost { message: errno.to_string() }),
        }
    }

    /// Cancel from a second connection: older libpq's own cancel request has no TLS.
    fn cancel_on_server(&self) -> Result<(), PgError> {
        // Not under the interrupt: it is what the interrupt asks for.
        let mut other = Self::connect(&self.url, &self.options.at_once().for_ours(), &Interrupt::default())?;
        other.query(&format!("SELECT pg_catalog.pg_cancel_backend({})", self.server_pid)).map(drop)
    }
}
