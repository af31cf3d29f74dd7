//! The dev cluster: a PostgreSQL server that pgkeel runs for one project from the installed binaries. It is also
//! the server of shadow databases and of the tests. Reads no environment and prints nothing.

mod access;
mod error;
mod folder;
mod name;
mod owner;
mod running;
mod server;
mod sql;
mod start;
mod state;
mod template;

use std::path::{Path, PathBuf};

use nix::unistd::geteuid;

pub use error::ClusterError;
use folder::{FolderLock, Places};
pub use name::{cluster_id, database_name};
use owner::Owner;
pub use running::{Running, Upgraded};
use state::State;

use crate::pg::tools::{Search, ToolVersion, Wanted};
use crate::pg::versions;

/// The superuser of every cluster, and the role of its URLs.
pub const SUPERUSER: &str = "dev";

/// The major versions a new cluster may have.
pub const SERVER_VERSIONS: Wanted = Wanted::Tested(versions::OLDEST, versions::NEWEST);

/// What a crash of the machine may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Nothing: a developer's data.
    Persistent,
    /// Everything: tests.
    Disposable,
}

/// Where the server listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listen {
    /// On a unix socket in a folder of its own.
    Socket,
    /// Also on a free port of the loopback address, with a random password.
    Tcp,
}

/// What a start is busy with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClusterEvent {
    /// initdb runs, once per PostgreSQL version: seconds.
    Initialising {
        /// The version.
        version: ToolVersion,
    },
    /// The server starts: less than a second.
    Starting {
        /// The version.
        version: ToolVersion,
    },
}

/// Which cluster, and how to run it.
#[derive(Debug, Clone)]
pub struct ClusterSpec {
    /// The folder of all clusters: see `default_state_dir`.
    pub state_dir: PathBuf,
    /// The name of its folder: see `cluster_id`.
    pub id: String,
    /// Where sockets may go if the path is short enough (`$XDG_RUNTIME_DIR`), instead of `/tmp`.
    pub socket_base: Option<PathBuf>,
    /// Where to look for PostgreSQL's programs.
    pub search: Search,
    /// How safe the data is.
    pub durability: Durability,
    /// Where the server listens.
    pub listen: Listen,
    /// Further settings of the server.
    pub settings: Vec<(String, String)>,
}

/// How a cluster stands.
#[derive(Debug, Clone)]
pub enum Status {
    /// It was never started, or it was destroyed.
    Absent,
    /// It has data and no server.
    Stopped {
        /// The major version that made the data.
        major: u32,
    },
    /// It accepts connections.
    Running(Box<Running>),
}

/// One cluster.
#[derive(Debug, Clone)]
pub struct Cluster {
    spec: ClusterSpec,
}

impl Cluster {
    /// The cluster of a description; nothing happens yet.
    pub fn new(spec: ClusterSpec) -> Cluster {
        Cluster { spec }
    }

    /// Starts the server unless it runs. Processes that do this at once all get the same server. A server that
    /// runs already keeps the durability and the settings it was started with.
    pub fn start(&self, watch: &mut dyn FnMut(ClusterEvent)) -> Result<Running, ClusterError> {
        let ClusterSpec { state_dir, id, .. } = &self.spec;
        let places = Places::of(state_dir, id);
        let owner = Owner::of(&places.data)?;
        if let Some(running) = self.find(&places, &owner)? {
            return self.as_wanted(running);
        }
        let places = Places::prepare(state_dir, id, &owner)?;
        let _held = FolderLock::take(&places.lock)?;
        if let Some(running) = self.find(&places, &owner)? {
            return self.as_wanted(running);
        }
        // Left by a start that was interrupted, or its socket was swept from /tmp.
        if let Some((pid, _)) = server::running(&places.data, owner.uid) {
            server::stop(pid, &places.data, owner.uid)?;
        }
        self.launch(&places, &owner, watch)
    }

    /// How the cluster stands; changes nothing.
    pub fn status(&self) -> Result<Status, ClusterError> {
        let places = Places::of(&self.spec.state_dir, &self.spec.id);
        Ok(match (self.find(&places, &Owner::of(&places.data)?)?, places.data_major()) {
            (Some(running), _) => Status::Running(Box::new(running)),
            (None, Some(major)) => Status::Stopped { major },
            (None, None) => Status::Absent,
        })
    }

    /// Stops the server, ending its sessions. Returns whether it ran.
    pub fn stop(&self) -> Result<bool, ClusterError> {
        let places = Places::of(&self.spec.state_dir, &self.spec.id);
        if !places.home.exists() {
            return Ok(false);
        }
        let _held = FolderLock::take(&places.lock)?;
        Self::stop_locked(&places, &Owner::of(&places.data)?)
    }

    /// Stops the server and deletes its data. Returns whether there was anything.
    pub fn destroy(&self) -> Result<bool, ClusterError> {
        let places = Places::of(&self.spec.state_dir, &self.spec.id);
        if !places.home.exists() && !places.lock.exists() {
            return Ok(false);
        }
        let _held = FolderLock::take(&places.lock)?;
        Self::stop_locked(&places, &Owner::of(&places.data)?)?;
        folder::remove(&places.home)?;
        // Last, and while we hold it: who waits for it notices that the file is gone.
        std::fs::remove_file(&places.lock).map_err(ClusterError::io("remove", &places.lock))?;
        Ok(true)
    }

    fn stop_locked(places: &Places, owner: &Owner) -> Result<bool, ClusterError> {
        let server = server::running(&places.data, owner.uid);
        if let Some((pid, _)) = server {
            server::stop(pid, &places.data, owner.uid)?;
        }
        // A state file that cannot be read must not keep anyone from destroying the cluster.
        if let Ok(Some(state)) = State::read(&places.state) {
            folder::remove_socket_dir(&state.socket_dir, owner)?;
        }
        Ok(server.is_some())
    }

    /// The server, if it accepts connections and can be reached.
    fn find(&self, places: &Places, owner: &Owner) -> Result<Option<Running>, ClusterError> {
        let Some((pid, true)) = server::running(&places.data, owner.uid) else { return Ok(None) };
        let state = State::read(&places.state)?.filter(|state| state.complete && state.socket().exists());
        Ok(state.map(|state| Running::new(pid, state, places, &self.spec.search)))
    }

    fn as_wanted(&self, running: Running) -> Result<Running, ClusterError> {
        if self.spec.listen == Listen::Tcp && !running.has_tcp() {
            Err(ClusterError::NoTcp)
        } else {
            Ok(running)
        }
    }
}

/// The folder of all clusters: `$XDG_STATE_HOME/pgkeel`, `~/.local/state/pgkeel`, or for root `/var/lib/pgkeel`,
/// because the server's user may not enter `/root`.
pub fn default_state_dir(xdg_state_home: Option<&Path>, home: Option<&Path>) -> Option<PathBuf> {
    if geteuid().is_root() {
        return Some(PathBuf::from("/var/lib/pgkeel"));
    }
    let state = xdg_state_home.filter(|dir| dir.is_absolute()).map(Path::to_owned);
    state.or_else(|| home.map(|home| home.join(".local/state"))).map(|dir| dir.join("pgkeel"))
}
