//! What PostgreSQL answers when it says no. Branching is on SQLSTATE, never on text: servers speak
//! many languages (PostgreSQL docs, appendix A "PostgreSQL Error Codes").

use std::fmt;

pub use super::libpq::Fields;

/// The failures that somebody branches on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PgFailure {
    /// 28P01, 28000: the password, the role or pg_hba.conf.
    Authentication,
    /// 3D000.
    NoSuchDatabase,
    /// 57P03: starting up or shutting down.
    NotReady,
    /// 53300.
    TooManyConnections,
    /// 42501.
    NoPrivilege,
    /// 25001: the statement cannot run inside a transaction block.
    NeedsNoTransaction,
    /// 2D000: a procedure or DO block that ends transactions cannot be in one.
    EndsTransaction,
    /// 42P01, 3F000, 42703: a table, schema or column of ours is not there.
    NoSuchObject,
    /// 42809: a view, above all, where a table must be.
    WrongObjectType,
    /// 55000: the object is in another state, a materialized view without rows above all.
    NotInState,
    /// 55P03.
    LockTimeout,
    /// 40P01.
    Deadlock,
    /// 22012: how a condition of ours inside a message says no.
    DivisionByZero,
    /// 57014: statement cancelled, by us or by a timeout.
    Cancelled,
    /// 25006: a standby, or a read-only transaction.
    ReadOnly,
    /// 42P04: the database is there already.
    DatabaseExists,
    /// 42710: an object (a role, above all) of that name is there already.
    ObjectExists,
    /// 42704: a role, type, setting or other object is not there.
    UndefinedObject,
    /// 53200: no memory, above all none for one more lock (`max_locks_per_transaction`).
    OutOfMemory,
    /// 55006: somebody uses the object.
    InUse,
    /// 57P01, 57P02: the backend was ended by somebody.
    Terminated,
    /// 53100.
    DiskFull,
    /// 23503: rows without the row that they refer to.
    ForeignKeyBroken,
    /// 23505: two rows of one key.
    UniqueBroken,
    /// 23P01: two rows that an EXCLUDE does not allow together.
    ExclusionBroken,
    /// 53400: a limit such as `temp_file_limit`.
    ConfigurationLimit,
    /// Anything else.
    Other,
}

impl PgFailure {
    /// The failure that a SQLSTATE stands for.
    pub fn of_sqlstate(sqlstate: &str) -> Self {
        match sqlstate {
            "28P01" | "28000" => Self::Authentication,
            "3D000" => Self::NoSuchDatabase,
            "57P03" => Self::NotReady,
            "53300" => Self::TooManyConnections,
            "42501" => Self::NoPrivilege,
            "25001" => Self::NeedsNoTransaction,
            "2D000" => Self::EndsTransaction,
            "42P01" | "3F000" | "42703" => Self::NoSuchObject,
            "42809" => Self::WrongObjectType,
            "55000" => Self::NotInState,
            "55P03" => Self::LockTimeout,
            "40P01" => Self::Deadlock,
            "22012" => Self::DivisionByZero,
            "57014" => Self::Cancelled,
            "25006" => Self::ReadOnly,
            "42P04" => Self::DatabaseExists,
            "42710" => Self::ObjectExists,
            "42704" => Self::UndefinedObject,
            "53200" => Self::OutOfMemory,
            "55006" => Self::InUse,
            "57P01" | "57P02" => Self::Terminated,
            "53100" => Self::DiskFull,
            "23503" => Self::ForeignKeyBroken,
            "23505" => Self::UniqueBroken,
            "23P01" => Self::ExclusionBroken,
            "53400" => Self::ConfigurationLimit,
            _ => Self::Other,
        }
    }

    /// What the server has too little of, in words.
    pub fn shortage(self) -> Option<&'static str> {
        match self {
            Self::DiskFull => Some("the server's disk is full"),
            Self::OutOfMemory => Some("the server is out of memory"),
            Self::ConfigurationLimit => Some("a limit in the server's configuration is reached"),
            Self::TooManyConnections => Some("the server has no free connection slot"),
            Self::NotReady => Some("the server is starting up or shutting down"),
            _ => None,
        }
    }

    /// Whether the server has too little of something.
    pub fn is_shortage(self) -> bool {
        self.shortage().is_some()
    }
}

/// An error that the server reported while it ran something.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServerError(pub Fields);

impl ServerError {
    /// What it amounts to.
    pub fn failure(&self) -> PgFailure {
        PgFailure::of_sqlstate(&self.0.sqlstate)
    }

    /// Whether `row_security = off` met a policy, as far as the server says which of its functions raised the error
    /// (`rls.c`, since 9.5). A lack of other rights has the same SQLSTATE.
    pub fn met_policy(&self) -> Option<bool> {
        let routine = self.0.routine.as_deref().filter(|_| self.failure() == PgFailure::NoPrivilege)?;
        Some(routine == "check_enable_rls")
    }
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (SQLSTATE {}", self.0.message, self.0.sqlstate)?;
        if let Some(shortage) = self.failure().shortage() {
            write!(f, ": {shortage}")?;
        }
        f.write_str(")")?;
        if let Some(detail) = &self.0.detail {
            write!(f, "\nDETAIL: {detail}")?;
        }
        if let Some(hint) = &self.0.hint {
            write!(f, "\nHINT: {hint}")?;
        }
        Ok(())
    }
}

/// Why no connection came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectError {
    /// The database, redacted.
    pub target: String,
    /// What libpq or the server said.
    pub message: String,
    /// Sorted by SQLSTATE, or by our own look at the host.
    pub cause: ConnectCause,
}

/// The causes that have a remedy of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConnectCause {
    /// The server answered and refused.
    Refused(PgFailure),
    /// The name does not resolve.
    UnknownHost(String),
    /// The host answers, nobody listens.
    ClosedPort(String),
    /// There is no such socket file.
    NoSocket(String),
    /// No answer in time.
    TimedOut,
    /// TLS, protocol, or anything that libpq alone knows.
    Other,
}

impl ConnectError {
    /// Whether it may be the settings that the session was to start with: a pooler refuses them in words of its own.
    pub(super) fn may_be_for_options(&self) -> bool {
        matches!(
            self.cause,
            ConnectCause::Refused(PgFailure::UndefinedObject | PgFailure::Other) | ConnectCause::Other
        )
    }

    /// Whether waiting can help (`--wait`).
    pub fn may_pass(&self) -> bool {
        !matches!(
            self.cause,
            ConnectCause::Refused(
                PgFailure::Authentication
                    | PgFailure::NoSuchDatabase
                    | PgFailure::NoPrivilege
                    | PgFailure::UndefinedObject
                    | PgFailure::Other
            )
        )
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot connect to {}: ", self.target)?;
        match &self.cause {
            ConnectCause::UnknownHost(host) => write!(f, "the host name `{host}` does not resolve"),
            ConnectCause::ClosedPort(address) => write!(f, "nothing listens on {address}"),
            ConnectCause::NoSocket(path) => write!(f, "there is no server socket `{path}`"),
            ConnectCause::TimedOut => f.write_str("no answer in time"),
            ConnectCause::Refused(_) | ConnectCause::Other => f.write_str(&self.message),
        }
    }
}

/// Everything that can go wrong on a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PgError {
    /// No connection.
    Connect(Box<ConnectError>),
    /// The server refused a statement.
    Server(Box<ServerError>),
    /// The connection broke while something ran.
    Lost {
        /// What libpq says.
        message: String,
    },
    /// Ctrl-C or SIGTERM.
    Interrupted,
    /// Interrupted twice, or the server did not answer the cancellation: what ran may still finish.
    Abandoned,
    /// The text cannot be sent (a zero byte).
    Unsendable(String),
    /// The answer was not what the statement promises.
    Unexpected(String),
    /// A statement ended without an error, and did not do all that it says.
    WithoutEffect(String),
    /// It was not run, because it could have run code of others.
    Refused(Box<Refused>),
}

/// What keeps a statement from being run with the rights of the session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// What, and why.
    pub what: String,
    /// The way on.
    pub remedy: String,
}

impl PgError {
    /// What it amounts to, where the server said it.
    pub fn failure(&self) -> PgFailure {
        match self {
            Self::Server(error) => error.failure(),
            Self::Connect(error) => match error.cause {
                ConnectCause::Refused(failure) => failure,
                _ => PgFailure::Other,
            },
            _ => PgFailure::Other,
        }
    }
}

impl fmt::Display for PgError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(error) => error.fmt(f),
            Self::Server(error) => error.fmt(f),
            Self::Lost { message } => write!(f, "the connection to the server was lost: {message}"),
            Self::Interrupted => f.write_str("interrupted"),
            Self::Abandoned => {
                f.write_str("interrupted before the server had answered: what it was doing may still finish")
            }
            Self::Unsendable(why) => write!(f, "the SQL cannot be sent: {why}"),
            Self::WithoutEffect(what) => f.write_str(what),
            Self::Unexpected(what) => write!(f, "the server answered something unexpected: {what}"),
            Self::Refused(refused) => f.write_str(&refused.what),
        }
    }
}

impl std::error::Error for PgError {}

impl From<ConnectError> for PgError {
    fn from(error: ConnectError) -> Self {
        Self::Connect(Box::new(error))
    }
}
