//! The few statements a cluster needs for itself, given to psql on its standard input, where nobody can read them.

use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use super::state::{Password, State};
use super::{ClusterError, SUPERUSER};
use crate::pg::tools::{self, Search, Tools, Wanted};

/// How to reach the server's `postgres` database.
pub(super) struct Psql<'a> {
    search: &'a Search,
    postgres: &'a Path,
    socket_dir: &'a Path,
    port: u16,
}

impl<'a> Psql<'a> {
    pub(super) fn of(search: &'a Search, state: &'a State) -> Psql<'a> {
        Psql { search, postgres: &state.postgres, socket_dir: &state.socket_dir, port: state.port }
    }

    pub(super) fn set_password(&self, password: &Password) -> Result<(), ClusterError> {
        // Hexadecimal: there is nothing to escape.
        self.run(None, &format!("ALTER ROLE {SUPERUSER} PASSWORD '{}';", password.0)).map(drop)
    }

    /// Returns whether the database was made.
    pub(super) fn create_database(&self, name: &str) -> Result<bool, ClusterError> {
        let sql = "SELECT format('CREATE DATABASE %I', :'name')\n\
                   WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \\gexec";
        Ok(self.run(Some(name), sql)?.contains("CREATE DATABASE"))
    }

    fn run(&self, name: Option<&str>, sql: &str) -> Result<String, ClusterError> {
        let psql = match tools::sibling(self.postgres, "psql") {
            Some(psql) => psql,
            None => Tools::find(self.search, "psql", Wanted::Any)?.path,
        };
        let mut command = tools::command(&psql);
        command.args(["-X", "-w", "-v", "ON_ERROR_STOP=1", "-U", SUPERUSER, "-d", "postgres"]);
        command.arg("-h").arg(self.socket_dir).args(["-p", &self.port.to_string()]);
        if let Some(name) = name {
            command.args(["-v", &format!("name={name}")]);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // The name in argv is UTF-8 whatever the locale says.
        command.env("PGCLIENTENCODING", "UTF8");
        let mut child = command.spawn().map_err(ClusterError::io("run", &psql))?;
        // A psql that ends early tells why on stderr.
        child.stdin.take().map(|mut stdin| stdin.write_all(sql.as_bytes()).ok());
        let output = child.wait_with_output().map_err(ClusterError::io("run", &psql))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let output = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(ClusterError::Program { program: "psql".to_owned(), output })
    }
}

/// Refuses what PostgreSQL would cut or could not hold.
pub(super) fn check_database_name(name: &str) -> Result<(), ClusterError> {
    let why = match name {
        "" => "it is empty",
        _ if name.len() > 63 => "it is longer than 63 bytes",
        _ if name.contains('\0') => "it contains a zero byte",
        _ => return Ok(()),
    };
    Err(ClusterError::BadDatabaseName { name: name.to_owned(), why })
}
