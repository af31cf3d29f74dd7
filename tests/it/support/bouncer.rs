//! PgBouncer before the server of the tests.

use std::fmt::Write as _;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use nix::unistd::{User, geteuid};
use tempfile::TempDir;

use super::cluster::{TestDb, variable};
use super::poll;

const MISSING: &str = "PgBouncer is missing; on Debian: apt-get install --no-install-recommends pgbouncer";

/// A pooler that runs. It ends with this value.
pub(crate) struct Bouncer {
    child: Child,
    port: u16,
    _dir: TempDir,
}

impl Bouncer {
    /// A pooler in this mode (`transaction`, `session`) before the server of this database.
    pub(crate) fn start(mode: &str, db: &TestDb) -> Self {
        Self::before(mode, &db.tcp_url)
    }

    /// The same before the server of this URL, which has a password and no parameters.
    pub(crate) fn before(mode: &str, tcp_url: &str) -> Self {
        let dir = TempDir::with_prefix("pgkeel-bouncer-").unwrap();
        // It refuses to be root; then it is the server's user, who must read its settings.
        std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        // Free now; nobody else is told of it.
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let file = dir.path().join("pgbouncer.ini");
        std::fs::write(&file, settings(mode, port, tcp_url)).unwrap();
        #[expect(clippy::disallowed_methods, reason = "the tests' own pooler; its settings hold no secret")]
        let mut command = Command::new(program());
        command.arg(&file).current_dir(dir.path()).stdin(Stdio::null()).stdout(Stdio::null());
        let log = std::fs::File::create(dir.path().join("log")).unwrap();
        command.stderr(log);
        if geteuid().is_root() {
            let user = User::from_name("postgres").unwrap().expect("the server's user");
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        let mut child = command.spawn().expect(MISSING);
        poll::until(20, "the pooler listens", || {
            if let Some(status) = child.try_wait().unwrap() {
                let log = std::fs::read_to_string(dir.path().join("log")).unwrap_or_default();
                panic!("PgBouncer ended with {status}: {log}");
            }
            TcpStream::connect(("127.0.0.1", port)).ok()
        });
        Self { child, port, _dir: dir }
    }

    /// The URL of this database through the pooler.
    pub(crate) fn url(&self, db: &TestDb) -> String {
        self.url_of(&db.name)
    }

    /// The same by its name; `pgbouncer` is the admin console.
    pub(crate) fn url_of(&self, database: &str) -> String {
        format!("postgresql://dev@127.0.0.1:{}/{database}", self.port)
    }
}

impl Drop for Bouncer {
    fn drop(&mut self) {
        // One that has ended needs no killing.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn settings(mode: &str, port: u16, tcp_url: &str) -> String {
    let (credentials, address) =
        tcp_url.trim_start_matches("postgresql://").split_once('@').expect("a URL with a password");
    let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));
    let server = address.split('/').next().unwrap_or_default();
    let (host, server_port) = server.rsplit_once(':').unwrap_or((server, "5432"));
    let mut text = String::new();
    writeln!(text, "[databases]\n* = host={host} port={server_port} user={user} password={password}")
        .unwrap();
    writeln!(text, "[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =").unwrap();
    // Any: who connects is who the line above says.
    writeln!(text, "auth_type = any\nadmin_users = dev\npool_mode = {mode}\ndefault_pool_size = 4").unwrap();
    text
}

/// Where Debian puts it is not on everybody's PATH.
fn program() -> PathBuf {
    let path = variable("PATH").unwrap_or_default();
    let system = ["/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin"].map(PathBuf::from);
    let mut folders = std::env::split_paths(&path).chain(system);
    let at = |folder: PathBuf| Some(folder.join("pgbouncer")).filter(|file| Path::is_file(file));
    folders.find_map(at).expect(MISSING)
}
