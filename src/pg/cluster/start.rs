//! A start from nothing: the programs, the data, the socket, the server, the password.

use std::thread;
use std::time::Duration;

use super::folder::Places;
use super::server::Launch;
use super::sql::Psql;
use super::state::{Password, State};
use super::{Cluster, ClusterError, ClusterEvent, Listen, Owner, Running, SERVER_VERSIONS};
use super::{access, folder, server, state, template};
use crate::pg::tools::{Program, ToolError, Tools, Wanted};

impl Cluster {
    /// The programs that can serve the data, or those for new data.
    fn program(&self, places: &Places) -> Result<Program, ClusterError> {
        let search = &self.spec.search;
        match places.data_major() {
            None => Ok(Tools::find(search, "postgres", SERVER_VERSIONS)?),
            Some(major) => {
                Tools::find(search, "postgres", Wanted::Major(major)).map_err(|source| match source {
                    ToolError::Missing { .. } => ClusterError::MajorGone { major, source },
                    other => other.into(),
                })
            }
        }
    }

    /// Starts the server; the caller holds the lock and has seen that none runs.
    pub(super) fn launch(
        &self,
        places: &Places,
        owner: &Owner,
        watch: &mut dyn FnMut(ClusterEvent),
    ) -> Result<Running, ClusterError> {
        let spec = &self.spec;
        let program = self.program(places)?;
        folder::passage(&places.home, owner)?;
        if places.data_major().is_none() {
            let template = template::ensure(&places.base, &program, owner, watch)?;
            template::copy(&template, &places.data, owner)?;
        }
        watch(ClusterEvent::Starting { version: program.version.clone() });
        access::write(places, owner)?;
        let orphaned = server::disown(&places.data, owner)?;
        let tcp = spec.listen == Listen::Tcp;
        let before = State::read(&places.state)?;
        // A URL that was copied stays valid: what was chosen once is chosen again.
        let password = before.as_ref().and_then(|state| state.password.clone());
        let password = password.map_or_else(|| folder::random_hex(16).map(Password), Ok)?;
        let mut state = State {
            format: 1,
            socket_dir: folder::socket_dir(
                before.as_ref().map(|state| state.socket_dir.as_path()),
                spec.socket_base.as_deref(),
                owner,
            )?,
            port: 5432,
            password: tcp.then_some(password),
            modified: state::modified(&program.path),
            version: program.version.text.clone(),
            postgres: program.path,
            complete: false,
        };
        let attempts = match spec.listen {
            _ if orphaned => 20,
            Listen::Tcp => 3,
            Listen::Socket => 1,
        };
        // A server without TCP has the usual port, which is not ours to listen on.
        let port = before.as_ref().filter(|state| state.password.is_some()).map(|state| state.port);
        let mut attempt = 1;
        let pid = loop {
            if tcp {
                state.port = server::free_port(port)?;
            }
            state.write(&places.state)?;
            let launch = Launch {
                postgres: &state.postgres,
                data: &places.data,
                hba: &places.hba,
                ident: &places.ident,
                log: &places.log,
                socket_dir: &state.socket_dir,
                port: state.port,
                tcp,
                durability: spec.durability,
                settings: &spec.settings,
                owner,
                path: spec.search.path.as_deref(),
            };
            // The reason may pass: a port that was just taken, backends of a killed server that are still ending.
            match launch.spawn()?.ready(&places.data) {
                Err(ClusterError::StartFailed { .. }) if attempt < attempts => {
                    attempt += 1;
                    thread::sleep(Duration::from_millis(100));
                }
                outcome => break outcome?,
            }
        };
        if let Some(password) = &state.password {
            Psql::of(&spec.search, &state).set_password(password)?;
        }
        state.complete = true;
        state.write(&places.state)?;
        Ok(Running::new(pid, state, places, &spec.search))
    }
}
