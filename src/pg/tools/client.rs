//! pg_dump, pg_restore and psql against a database: the password reaches them by a file without a name, never by argv;
//! Ctrl-C ends them, and so does our own death. What they say is kept for the error.

use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Read, Write};
#[cfg(target_os = "linux")]
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, ChildStdout, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use super::{Program, tied};
use crate::pg::connect::with_defaults;
use crate::pg::interrupt::Interrupt;
use crate::pg::secret::Secret;
use crate::pg::settings::{self, SearchPath};
use crate::pg::url::DatabaseUrl;

/// How often a waiting run looks at the interrupt flag.
const TICK: Duration = Duration::from_millis(20);

/// How long a program may take to cancel its work on the server before it is killed.
const PATIENCE: Duration = Duration::from_secs(10);

/// How much of what a program says is kept: the end of it.
const KEPT: usize = 200;

/// A run of one of PostgreSQL's client programs.
#[derive(Debug)]
pub struct Client<'a> {
    /// The program.
    pub program: &'a Program,
    /// The database, if the program connects (pg_restore can also only read).
    pub url: Option<&'a DatabaseUrl>,
    /// Its arguments without the connection; no secret.
    pub arguments: Vec<OsString>,
    /// Settings of its sessions, as `PGOPTIONS` has them: `-c synchronous_commit=off`.
    pub options: Option<String>,
    /// Its application_name.
    pub application_name: &'a str,
    /// Ctrl-C.
    pub interrupt: &'a Interrupt,
}

/// Why a program did not do what it was to do.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// It could not be started.
    #[error("cannot start `{program}`")]
    Start {
        /// Its path.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// It ended with an error.
    #[error("{program} ended with {status}{}", tail(.said))]
    Failed {
        /// Its name.
        program: String,
        /// How it ended.
        status: ExitStatus,
        /// The last lines that it said.
        said: Vec<String>,
    },
    /// Ctrl-C; the program was ended.
    #[error("interrupted while {program} ran")]
    Interrupted {
        /// Its name.
        program: String,
    },
}

fn tail(lines: &[String]) -> String {
    if lines.is_empty() { String::new() } else { format!(":\n  {}", lines.join("\n  ")) }
}

/// A program that runs.
#[derive(Debug)]
pub struct RunningClient {
    name: String,
    child: Child,
    said: Arc<Mutex<Vec<String>>>,
    listener: Option<JoinHandle<()>>,
    interrupt: Interrupt,
    /// Holds the secrets until the program has ended.
    _held: Vec<SecretFile>,
    ended: bool,
}

impl Client<'_> {
    /// Start it. stdin and stdout are pipes, to be taken with `take_stdin` and `take_stdout`; one that is not taken is
    /// closed. Start it from the thread that waits for it: on Linux it dies with that thread.
    ///
    /// # Errors
    /// `ClientError::Start`.
    pub fn start(&self) -> Result<RunningClient, ClientError> {
        let name = self.program.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let failed = |source| ClientError::Start { program: self.program.path.display().to_string(), source };
        let mut command = super::client_command(&self.program.path);
        // No setting is read here: URLs with our passwords are kept from the program's environment.
        for (name, value) in std::env::vars_os() {
            if value.to_string_lossy().contains("://") {
                command.env_remove(name);
            }
        }
        // What a program writes must not hang on who starts it; and not every server can convert to it.
        command.env_remove("PGCLIENTENCODING");
        let mut held = Vec::new();
        if let Some(url) = self.url {
            let mut place = with_defaults(url).without_secrets();
            if let Some(secret) = url.password() {
                let file = SecretFile::password(secret.expose()).map_err(failed)?;
                place = place.with_param("passfile", &file.path).unwrap_or(place);
                held.push(file);
                // It would win over the file, as it does not over our own URL.
                command.env_remove("PGPASSWORD");
            }
            let others = url.other_secrets();
            if !others.is_empty() {
                if url.get("service").is_some() {
                    return Err(failed(io::Error::other(format!(
                        "`{}` would stand in its arguments; write it into the service's file",
                        others[0].0
                    ))));
                }
                let file = SecretFile::service(&others).map_err(failed)?;
                command.env("PGSERVICEFILE", &file.path);
                place = place.with_param("service", SERVICE).unwrap_or(place);
                held.push(file);
            }
            if url.get("client_encoding").is_some() {
                place = place.with_param("client_encoding", "UTF8").unwrap_or(place);
            }
            // A URL's own options win over the variable; the limits of role and database are not meant for these programs.
            let limits =
                settings::options(url, SearchPath::Theirs).or_else(|| url.get("options").map(str::to_owned));
            if let Some(limits) = limits {
                let more = self.options.as_deref().unwrap_or_default();
                place = place.with_param("options", &format!("{limits} {more}")).unwrap_or(place);
            }
            // As a connection string: a database name that holds `=` is not expanded once more.
            command.arg("-d").arg(place.conninfo().expose()).arg("--no-password");
            command.env("PGAPPNAME", self.application_name).env("PGTZ", "UTC");
        }
        if let Some(options) = &self.options {
            command.env("PGOPTIONS", options);
        }
        command.args(&self.arguments);
        // A group of its own: the terminal's Ctrl-C reaches us alone, and we end the program and its workers together.
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        tied::tie(&mut command);
        let mut child = command.spawn().map_err(failed)?;
        let heard = Arc::new(Mutex::new(Vec::new()));
        let listener = child.stderr.take().map(|stderr| listen(stderr, Arc::clone(&heard)));
        Ok(RunningClient {
            name,
            child,
            said: heard,
            listener,
            interrupt: self.interrupt.clone(),
            _held: held,
            ended: false,
        })
    }

    /// Run it to its end; its stdout is thrown away.
    ///
    /// # Errors
    /// See `ClientError`.
    pub fn run(&self) -> Result<(), ClientError> {
        let mut running = self.start()?;
        drop(running.take_stdin());
        let stdout = running.take_stdout();
        let drain = std::thread::spawn(move || stdout.map(|mut out| io::copy(&mut out, &mut io::sink())));
        let ended = running.wait(&mut || {});
        drop(drain.join());
        ended
    }

    /// Run it to its end and keep what it prints.
    ///
    /// # Errors
    /// See `ClientError`.
    pub fn output(&self) -> Result<Vec<u8>, ClientError> {
        let mut running = self.start()?;
        drop(running.take_stdin());
        let stdout = running.take_stdout();
        let reader = std::thread::spawn(move || {
            let mut all = Vec::new();
            // What cannot be read shows in the program's own end.
            drop(stdout.map(|mut out| out.read_to_end(&mut all)));
            all
        });
        let ended = running.wait(&mut || {});
        let all = reader.join().unwrap_or_default();
        ended.map(|()| all)
    }
}

impl RunningClient {
    /// Its stdin; without it, or once it is dropped, the program reads an end.
    pub fn take_stdin(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    /// Its stdout; to be read, or the program waits for ever.
    pub fn take_stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// The process id of the program, for tests and messages.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has said so far, the last lines.
    pub fn said(&self) -> Vec<String> {
        self.said.lock().map(|said| said.clone()).unwrap_or_default()
    }

    /// Wait for its end; `on` is called every 20 ms. Ctrl-C ends the program and its workers.
    ///
    /// # Errors
    /// `Failed` with the last lines it said, `Interrupted`.
    pub fn wait(&mut self, on: &mut dyn FnMut()) -> Result<(), ClientError> {
        let mut asked: Option<Instant> = None;
        let status = loop {
            match self.child.try_wait() {
                Ok(Some(status)) => break status,
                Ok(None) => {}
                Err(source) => return Err(ClientError::Start { program: self.name.clone(), source }),
            }
            on();
            if self.interrupt.is_raised() {
                match asked {
                    // All three cancel their work on the server at SIGINT; psql at nothing else.
                    None => {
                        asked = Some(Instant::now());
                        self.signal(Signal::SIGINT);
                    }
                    Some(since) if since.elapsed() > PATIENCE || self.interrupt.count() > 1 => {
                        self.signal(Signal::SIGKILL);
                    }
                    Some(_) => {}
                }
            }
            std::thread::sleep(TICK);
        };
        self.ended = true;
        drop(self.listener.take().map(JoinHandle::join));
        if asked.is_some() {
            return Err(ClientError::Interrupted { program: self.name.clone() });
        }
        if status.success() {
            return Ok(());
        }
        Err(ClientError::Failed { program: self.name.clone(), status, said: self.said() })
    }

    fn signal(&self, signal: Signal) {
        if let Ok(group) = i32::try_from(self.child.id()) {
            // It may just have ended.
            killpg(Pid::from_raw(group), signal).ok();
        }
    }
}

impl Drop for RunningClient {
    fn drop(&mut self) {
        if !self.ended {
            self.signal(Signal::SIGKILL);
            drop(self.child.wait());
        }
    }
}

fn listen(stderr: impl Read + Send + 'static, heard: Arc<Mutex<Vec<String>>>) -> JoinHandle<()> {
    std::thread::spawn(move || {
        for line in BufReader::new(stderr).split(b'\n').map_while(Result::ok) {
            let Ok(mut lines) = heard.lock() else { return };
            lines.push(String::from_utf8_lossy(&line).into_owned());
            let surplus = lines.len().saturating_sub(KEPT);
            lines.drain(..surplus);
        }
    })
}

/// The name under which a service file of ours holds what has no other way.
const SERVICE: &str = "pgkeel";

/// Secrets in a file that only we can read (docs 34.16 "The Password File", 34.17 "The Connection Service File").
#[derive(Debug)]
struct SecretFile {
    path: String,
    #[cfg(target_os = "linux")]
    _open: OwnedFd,
    #[cfg(not(target_os = "linux"))]
    _named: tempfile::TempPath,
}

impl SecretFile {
    fn password(password: &str) -> io::Result<Self> {
        Self::new(&format!("*:*:*:*:{}\n", password.replace('\\', "\\\\").replace(':', "\\:")))
    }

    fn service(secrets: &[(&str, Secret)]) -> io::Result<Self> {
        let lines = secrets.iter().map(|(keyword, secret)| format!("{keyword}={}\n", secret.expose()));
        Self::new(&format!("[{SERVICE}]\n{}", lines.collect::<String>()))
    }

    /// A file without a name: nothing of it is left, however we end. The program inherits it open, and opens it once
    /// more by its number.
    #[cfg(target_os = "linux")]
    fn new(text: &str) -> io::Result<Self> {
        use std::fs::Permissions;
        use std::os::fd::AsRawFd;
        use std::os::unix::fs::PermissionsExt;

        use nix::fcntl::{FcntlArg, FdFlag, fcntl};

        let mut file = tempfile::tempfile()?;
        // libpq ignores one that others could read.
        file.set_permissions(Permissions::from_mode(0o600))?;
        file.write_all(text.as_bytes())?;
        let open = OwnedFd::from(file);
        fcntl(&open, FcntlArg::F_SETFD(FdFlag::empty()))?;
        Ok(Self { path: format!("/dev/fd/{}", open.as_raw_fd()), _open: open })
    }

    /// Where `/dev/fd` shares the place in the file, each reader needs a name.
    #[cfg(not(target_os = "linux"))]
    fn new(text: &str) -> io::Result<Self> {
        let mut file = tempfile::NamedTempFile::new()?;
        file.write_all(text.as_bytes())?;
        let named = file.into_temp_path();
        Ok(Self { path: named.display().to_string(), _named: named })
    }
}
