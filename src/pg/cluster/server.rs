//! The server's process: starts it, waits for it, recognises it, stops it. Its command line carries every
//! setting, so that we never write into the data directory, which belongs to another user when we are root.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::net::TcpListener;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::{ClusterError, Durability, Owner};
use crate::pg::tools;

const START: Duration = Duration::from_secs(60);
const FAST_STOP: Duration = Duration::from_secs(60);
const IMMEDIATE_STOP: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(10);

/// A log that passed this size starts anew with the server.
const LOG_LIMIT: u64 = 10 << 20;

/// No system has a process of this id, and PostgreSQL takes it for one.
const NO_PID: &str = "2147483647";

/// How a server is to be started.
pub(super) struct Launch<'a> {
    pub(super) postgres: &'a Path,
    pub(super) data: &'a Path,
    pub(super) hba: &'a Path,
    pub(super) ident: &'a Path,
    pub(super) log: &'a Path,
    pub(super) socket_dir: &'a Path,
    pub(super) port: u16,
    pub(super) tcp: bool,
    pub(super) durability: Durability,
    pub(super) settings: &'a [(String, String)],
    pub(super) owner: &'a Owner,
    /// `PATH`, for programs that the server runs.
    pub(super) path: Option<&'a OsStr>,
}

/// A server that was started and may not be ready yet.
pub(super) struct Launched {
    child: Child,
    log: PathBuf,
    log_start: u64,
}

impl Launch<'_> {
    fn options(&self) -> Vec<String> {
        let quoted = |path: &Path| format!("\"{}\"", path.display().to_string().replace('"', "\"\""));
        let mut options = vec![
            format!("listen_addresses={}", if self.tcp { "127.0.0.1" } else { "" }),
            format!("port={}", self.port),
            format!("unix_socket_directories={}", quoted(self.socket_dir)),
            "unix_socket_permissions=0700".to_owned(),
            format!("hba_file={}", self.hba.display()),
            format!("ident_file={}", self.ident.display()),
            "shared_buffers=32MB".to_owned(),
            "max_connections=100".to_owned(),
            // A migration that drops a schema of a thousand tables holds as many locks many times over (docs 20.12).
            "max_locks_per_transaction=512".to_owned(),
            // initdb derives a tiny one from the small WAL segments.
            "max_wal_size=1GB".to_owned(),
            "logging_collector=off".to_owned(),
            "log_destination=stderr".to_owned(),
        ];
        if self.durability == Durability::Disposable {
            let fast = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off"];
            options.extend(fast.map(str::to_owned));
        }
        options.extend(self.settings.iter().map(|(name, value)| format!("{name}={value}")));
        options
    }

    /// Starts the server in a process group of its own, out of the reach of the terminal's Ctrl-C.
    pub(super) fn spawn(&self) -> Result<Launched, ClusterError> {
        let opening = ClusterError::io("open", self.log);
        let mut log =
            File::options().create(true).append(true).mode(0o600).open(self.log).map_err(opening)?;
        let mut log_start = log.seek(SeekFrom::End(0)).map_err(ClusterError::io("read", self.log))?;
        if log_start > LOG_LIMIT {
            log.set_len(0).map_err(ClusterError::io("shorten", self.log))?;
            log_start = 0;
        }
        let errors = log.try_clone().map_err(ClusterError::io("open", self.log))?;
        let mut command = tools::command(self.postgres);
        // The server outlives the command, maybe as another user: the developer's secrets are not for it.
        command.env_clear().env("LC_ALL", "C").envs(self.path.map(|path| ("PATH", path)));
        command.arg("-D").arg(self.data);
        for option in self.options() {
            command.args(["-c", &option]);
        }
        self.owner.becomes(&mut command).stdout(log).stderr(errors).process_group(0);
        let child = command.spawn().map_err(ClusterError::io("run", self.postgres))?;
        Ok(Launched { child, log: self.log.to_owned(), log_start })
    }
}

impl Launched {
    /// Waits until the server accepts connections.
    pub(super) fn ready(mut self, data: &Path) -> Result<i32, ClusterError> {
        let deadline = Instant::now() + START;
        loop {
            let pid = i32::try_from(self.child.id()).unwrap_or_default();
            if PidFile::read(data).is_some_and(|file| file.pid == pid && file.ready) {
                // While we live, a dead child would stay a zombie, which looks alive to PostgreSQL.
                thread::spawn(move || self.child.wait());
                return Ok(pid);
            }
            let tail = || tail(&self.log, self.log_start);
            if !matches!(self.child.try_wait(), Ok(None)) {
                return Err(ClusterError::StartFailed { log: self.log.clone(), tail: tail() });
            }
            if Instant::now() > deadline {
                let error = ClusterError::StartTimeout {
                    seconds: START.as_secs(),
                    log: self.log.clone(),
                    tail: tail(),
                };
                // Still our child, so the id is its own.
                kill(Pid::from_raw(pid), Signal::SIGQUIT).ok();
                thread::spawn(move || self.child.wait());
                return Err(error);
            }
            thread::sleep(POLL);
        }
    }
}

/// The process that serves `data` and whether it accepts connections.
pub(super) fn running(data: &Path, uid: u32) -> Option<(i32, bool)> {
    PidFile::read(data).filter(|file| is_server(file.pid, data, uid)).map(|file| (file.pid, file.ready))
}

/// Stops a server as `pg_ctl stop -m fast` does, and a server that hangs as `-m immediate`.
pub(super) fn stop(pid: i32, data: &Path, uid: u32) -> Result<(), ClusterError> {
    for (signal, patience) in [(Signal::SIGINT, FAST_STOP), (Signal::SIGQUIT, IMMEDIATE_STOP)] {
        let deadline = Instant::now() + patience;
        kill(Pid::from_raw(pid), signal).ok();
        while Instant::now() < deadline {
            if !is_server(pid, data, uid) {
                return Ok(());
            }
            thread::sleep(POLL);
        }
    }
    Err(ClusterError::StopTimeout { pid })
}

/// Frees the data of a dead server. After a reboot its process id may be another program's, and in a container
/// without an init it stays a zombie: PostgreSQL would take both for a live server. The rest of the file stays, by
/// which PostgreSQL finds out whether orphaned backends still use the shared memory. Returns whether there was one.
pub(super) fn disown(data: &Path, owner: &Owner) -> Result<bool, ClusterError> {
    let path = data.join("postmaster.pid");
    let Ok(text) = fs::read_to_string(&path) else { return Ok(false) };
    let rest = text.split_once('\n').map(|(_, rest)| rest).unwrap_or_default();
    // A new file and a rename: the folder is not ours when we are root, and a link in it could lead anywhere.
    let write = || {
        let mut file = tempfile::NamedTempFile::new_in(data)?;
        write!(file, "{NO_PID}\n{rest}")?;
        owner.gets_file(file.as_file())?;
        file.persist(&path).map_err(|e| e.error)
    };
    write().map(|_| true).map_err(ClusterError::io("correct", &path))
}

/// A port that nobody listens on: `previous` if that is one.
pub(super) fn free_port(previous: Option<u16>) -> Result<u16, ClusterError> {
    let bind = |port| TcpListener::bind(("127.0.0.1", port)).and_then(|listener| listener.local_addr());
    let address = previous.map_or_else(|| bind(0), |port| bind(port).or_else(|_| bind(0)));
    address.map(|a| a.port()).map_err(ClusterError::io("find a free port on", Path::new("127.0.0.1")))
}

/// What the server writes about itself.
struct PidFile {
    pid: i32,
    ready: bool,
}

impl PidFile {
    fn read(data: &Path) -> Option<PidFile> {
        let text = fs::read_to_string(data.join("postmaster.pid")).ok()?;
        let mut lines = text.lines();
        let pid = lines.next()?.trim().parse().ok().filter(|&pid| pid > 1)?;
        Some(PidFile { pid, ready: lines.nth(6).is_some_and(|status| status.trim() == "ready") })
    }
}

/// Whether a process is the server of `data`, run by `uid`: the id alone may belong to anybody by now.
#[cfg(target_os = "linux")]
fn is_server(pid: i32, data: &Path, uid: u32) -> bool {
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::MetadataExt;
    let process = PathBuf::from(format!("/proc/{pid}"));
    // Its working directory would say it too, but root in a container may not read that. A zombie has no arguments.
    let arguments = fs::read(process.join("cmdline")).unwrap_or_default();
    fs::metadata(&process).is_ok_and(|m| m.uid() == uid)
        && arguments.split(|&byte| byte == 0).any(|argument| argument == data.as_os_str().as_bytes())
}

/// Whether a process is the server of `data`, run by `uid`: the id alone may belong to anybody by now.
#[cfg(not(target_os = "linux"))]
fn is_server(pid: i32, data: &Path, uid: u32) -> bool {
    let mut ps = tools::command(Path::new("ps"));
    let output = ps.args(["-ww", "-o", "uid=,stat=,command=", "-p", &pid.to_string()]).output();
    let line = output.map(|o| String::from_utf8_lossy(&o.stdout).trim().to_owned()).unwrap_or_default();
    let Some((owner, rest)) = line.split_once(' ') else { return false };
    owner.parse() == Ok(uid) && !rest.trim_start().starts_with('Z') && rest.contains(&*data.to_string_lossy())
}

/// The last lines of the log from `start` on.
fn tail(log: &Path, start: u64) -> String {
    const LINES: usize = 15;
    let mut text = Vec::new();
    let read = File::open(log).and_then(|mut file| {
        let from = file.metadata()?.len().saturating_sub(16 << 10).max(start);
        file.seek(SeekFrom::Start(from))?;
        file.read_to_end(&mut text)
    });
    if let Err(e) = read {
        return format!("({e})");
    }
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}
