//! A server that accepts connections: its addresses and its databases.

use std::fmt;
use std::path::{Path, PathBuf};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::folder::{FolderLock, Places};
use super::sql::{self, Psql};
use super::state::{self, Password, State};
use super::{ClusterError, SUPERUSER};
use crate::pg::tools::{self, Search, ToolVersion};

/// What stands in a URL as it is.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'/');

/// A server that accepts connections.
#[derive(Debug, Clone)]
pub struct Running {
    /// The server's process.
    pub pid: i32,
    /// Its programs were replaced or removed since it was started.
    pub upgraded: Option<Upgraded>,
    state: State,
    lock: PathBuf,
    log: PathBuf,
    search: Search,
}

/// A server that is no longer what is on disk. Its new sessions can fail when they load a library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upgraded {
    /// The version that runs.
    pub running: String,
    /// The version on disk; `None` if its programs are gone.
    pub installed: Option<String>,
}

impl fmt::Display for Upgraded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Upgraded { running, installed } = self;
        match installed {
            Some(installed) => {
                write!(f, "the dev cluster still runs PostgreSQL {running}, but {installed} is installed; ")?;
                write!(f, "restart it: `pgkeel dev stop && pgkeel dev start`")
            }
            None => {
                write!(f, "the dev cluster runs PostgreSQL {running}, whose programs were removed; ")?;
                write!(f, "install them again before it stops, or it will not start")
            }
        }
    }
}

impl Running {
    pub(super) fn new(pid: i32, state: State, places: &Places, search: &Search) -> Running {
        let upgraded = upgraded(&state);
        let (lock, log) = (places.lock.clone(), places.log.clone());
        Running { pid, upgraded, state, lock, log, search: search.clone() }
    }

    /// The URL of a database on the unix socket. It holds no secret.
    pub fn url(&self, database: &str) -> String {
        let database = utf8_percent_encode(database, NON_ALPHANUMERIC_BUT_PLAIN);
        let dir = self.state.socket_dir.to_string_lossy();
        let host = utf8_percent_encode(&dir, KEPT);
        let port = match self.state.port {
            5432 => String::new(),
            port => format!("&port={port}"),
        };
        format!("postgresql://{SUPERUSER}@/{database}?host={host}{port}")
    }

    /// The URL of a database on the loopback address, with the password in it, if the server listens there.
    pub fn tcp_url(&self, database: &str) -> Option<String> {
        let Password(password) = self.state.password.as_ref()?;
        let database = utf8_percent_encode(database, NON_ALPHANUMERIC_BUT_PLAIN);
        Some(format!("postgresql://{SUPERUSER}:{password}@127.0.0.1:{}/{database}", self.state.port))
    }

    /// Whether the server listens on TCP.
    pub fn has_tcp(&self) -> bool {
        self.state.password.is_some()
    }

    /// The folder of the socket.
    pub fn socket_dir(&self) -> &Path {
        &self.state.socket_dir
    }

    /// The port, which is also part of the socket's name.
    pub fn port(&self) -> u16 {
        self.state.port
    }

    /// The version that runs, as in `15.18`.
    pub fn version(&self) -> &str {
        plain(&self.state.version)
    }

    /// The major version that runs.
    pub fn major(&self) -> u32 {
        ToolVersion::of(&self.state.version).map_or(0, |version| version.major)
    }

    /// The folder of the programs that serve it.
    pub fn bin_dir(&self) -> &Path {
        self.state.postgres.parent().unwrap_or(Path::new("/"))
    }

    /// The server's log.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Makes a database unless it is there. Returns whether it was made.
    pub fn create_database_if_missing(&self, name: &str) -> Result<bool, ClusterError> {
        sql::check_database_name(name)?;
        // CREATE DATABASE has no IF NOT EXISTS.
        let _held = FolderLock::take(&self.lock)?;
        Psql::of(&self.search, &self.state).create_database(name)
    }
}

/// A slash in a database's name must be escaped.
const NON_ALPHANUMERIC_BUT_PLAIN: &AsciiSet = &KEPT.add(b'/');

fn plain(version: &str) -> &str {
    version.split_whitespace().next().unwrap_or(version)
}

/// Looks at the program's file first: asking it for its version takes longer.
fn upgraded(state: &State) -> Option<Upgraded> {
    if state::modified(&state.postgres) == state.modified {
        return None;
    }
    let installed = tools::version_of(&state.postgres).map(|ToolVersion { text, .. }| text);
    (installed.as_deref() != Some(&state.version)).then(|| Upgraded {
        running: plain(&state.version).to_owned(),
        installed: installed.as_deref().map(plain).map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn running(socket_dir: &str, port: u16, password: Option<&str>) -> Running {
        let state = State {
            format: 1,
            socket_dir: socket_dir.into(),
            port,
            password: password.map(|p| Password(p.to_owned())),
            postgres: "/nowhere/bin/postgres".into(),
            version: "15.18 (Debian 15.18-0+deb12u1)".to_owned(),
            modified: 0,
            complete: true,
        };
        Running::new(7, state, &Places::of(Path::new("/base"), "shop"), &Search::default())
    }

    #[test]
    fn urls_are_escaped_and_only_the_tcp_url_has_the_password() {
        let server = running("/tmp/pgkeel-00ff", 5432, None);
        assert_eq!(server.url("shop"), "postgresql://dev@/shop?host=/tmp/pgkeel-00ff");
        assert_eq!(server.tcp_url("shop"), None);
        let server = running("/tmp/with space", 6000, Some("5ec2e7"));
        assert_eq!(server.url("a/b?c"), "postgresql://dev@/a%2Fb%3Fc?host=/tmp/with%20space&port=6000");
        assert_eq!(server.tcp_url("a b").unwrap(), "postgresql://dev:5ec2e7@127.0.0.1:6000/a%20b");
        assert!(!format!("{server:?}").contains("5ec2e7"));
    }

    #[test]
    fn a_server_whose_programs_were_replaced_says_so() {
        assert_eq!(running("/tmp/x", 5432, None).upgraded, None);
        let mut state = running("/tmp/x", 5432, None).state;
        state.modified = 1;
        let gone = upgraded(&state).unwrap();
        assert_eq!(gone, Upgraded { running: "15.18".to_owned(), installed: None });
        let newer = Upgraded { installed: Some("15.20".to_owned()), ..gone };
        assert_eq!(
            newer.to_string(),
            "the dev cluster still runs PostgreSQL 15.18, but 15.20 is installed; \
             restart it: `pgkeel dev stop && pgkeel dev start`"
        );
    }
}
