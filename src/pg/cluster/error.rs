//! Why a dev cluster did not do what was asked. Each kind carries what its hint needs.

use std::io;
use std::path::{Path, PathBuf};

use crate::pg::tools::ToolError;

/// Why a dev cluster could not be started, stopped or used.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// A program is missing.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// The data was made by a major version whose programs are no longer installed.
    #[error("the dev cluster's data was made by PostgreSQL {major}, which is no longer installed")]
    MajorGone {
        /// The version of the data.
        major: u32,
        /// What was searched, and what there is instead.
        source: ToolError,
    },
    /// initdb and peer authentication both need a name for the user.
    #[error("user id {uid} has no name on this machine, and PostgreSQL does not run for nameless users")]
    NamelessUser {
        /// The user who has no name.
        uid: u32,
    },
    /// We are root, and there is nobody to run the server as.
    #[error("PostgreSQL does not run as root, and this machine has neither a user `postgres` nor `nobody`")]
    NoServerUser,
    /// The user who runs the server cannot reach its data.
    #[error("user `{user}`, who runs the dev cluster, may not enter `{}`", dir.display())]
    Unreachable {
        /// The folder without search permission.
        dir: PathBuf,
        /// The user who runs the server.
        user: String,
    },
    /// A folder is not ours alone: somebody could have put something into it.
    #[error("`{}` is not safe to use: {why}", path.display())]
    Untrusted {
        /// The folder.
        path: PathBuf,
        /// What is wrong with it.
        why: &'static str,
    },
    /// There is no folder whose path is short enough for a socket.
    #[error("no folder for the dev cluster's socket has a path of less than {limit} bytes and is reachable")]
    NoSocketDir {
        /// The longest usable path.
        limit: usize,
    },
    /// A file could not be read or written.
    #[error("cannot {doing} `{}`", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// A program said no.
    #[error("`{program}` failed: {output}")]
    Program {
        /// The program.
        program: String,
        /// What it wrote to stderr.
        output: String,
    },
    /// The server ended before it accepted connections.
    #[error("the dev cluster did not start; its log `{}` ends with:\n{tail}", log.display())]
    StartFailed {
        /// The server's log.
        log: PathBuf,
        /// The last lines of this attempt.
        tail: String,
    },
    /// The server is there but does not accept connections.
    #[error("the dev cluster accepts no connections after {seconds} s; its log `{}` ends with:\n{tail}", log.display())]
    StartTimeout {
        /// How long we waited.
        seconds: u64,
        /// The server's log.
        log: PathBuf,
        /// The last lines of this attempt.
        tail: String,
    },
    /// The server does not stop.
    #[error("the dev cluster's server (process {pid}) does not stop")]
    StopTimeout {
        /// Its process id.
        pid: i32,
    },
    /// Another process holds the cluster's lock.
    #[error("another process has been working on `{}` for more than {seconds} s", lock.display())]
    Busy {
        /// The lock file.
        lock: PathBuf,
        /// How long we waited.
        seconds: u64,
    },
    /// TCP was asked for, and the server that runs has none.
    #[error("the dev cluster runs without TCP")]
    NoTcp,
    /// No database can have this name.
    #[error("`{name}` cannot be the name of a database: {why}")]
    BadDatabaseName {
        /// The name.
        name: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The state file is not ours, or was cut.
    #[error("cannot understand the dev cluster's state file `{}`", path.display())]
    State {
        /// The state file.
        path: PathBuf,
        /// Where it stops making sense.
        source: serde_json::Error,
    },
}

impl ClusterError {
    /// What the developer can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            ClusterError::Tool(tool) => tool.hint(),
            ClusterError::MajorGone { major, source } => Some(format!(
                "install PostgreSQL {major} again ({}), or delete the dev cluster with its data: `pgkeel dev destroy`",
                source.hint().unwrap_or_default()
            )),
            ClusterError::NamelessUser { .. } => Some("set DATABASE_URL to a server of your own".to_owned()),
            ClusterError::NoTcp => Some("restart it: `pgkeel dev stop && pgkeel dev start --tcp`".to_owned()),
            ClusterError::State { .. } => {
                Some("delete the dev cluster with its data: `pgkeel dev destroy`".to_owned())
            }
            ClusterError::Unreachable { dir, .. } => Some(format!("allow it: `chmod a+x {}`", dir.display())),
            _ => None,
        }
    }

    /// For `map_err`: what we were doing, to what.
    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> ClusterError {
        move |source| ClusterError::Io { doing, path: path.to_owned(), source }
    }
}
