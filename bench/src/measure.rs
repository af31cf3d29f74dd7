//! One run of one program: what to run, and what it took. The program sees only the environment that is written
//! here, so that nobody's settings change a figure.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

/// A program to run.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<OsString>,
    /// Where it runs.
    pub(crate) dir: PathBuf,
    /// `DATABASE_URL`, which all tools understand.
    pub(crate) url: Option<String>,
    pub(crate) patience: Duration,
    /// The exit status of success.
    code: i64,
}

/// What a run took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    pub(crate) wall: Duration,
    pub(crate) cpu: Duration,
    pub(crate) memory_kb: u64,
}

impl Job {
    pub(crate) fn new(program: &Path, dir: &Path) -> Job {
        let (program, dir) = (program.to_owned(), dir.to_owned());
        Job { program, arguments: Vec::new(), dir, url: None, patience: Duration::from_secs(600), code: 0 }
    }

    pub(crate) fn args<I: IntoIterator<Item = S>, S: Into<OsString>>(mut self, arguments: I) -> Job {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    pub(crate) fn url(mut self, url: &str) -> Job {
        self.url = Some(url.to_owned());
        self
    }

    pub(crate) fn patience(mut self, seconds: u64) -> Job {
        self.patience = Duration::from_secs(seconds);
        self
    }

    /// Where something else than 0 says that it went well.
    pub(crate) fn ends_with(mut self, code: i64) -> Job {
        self.code = code;
        self
    }

    /// Runs it to its end. An exit status other than that of success is an error that holds the last words of the program.
    pub(crate) fn run(&self) -> Result<Sample> {
        let log = self.dir.join("last-output.log");
        let child = std::env::current_exe()?.with_file_name("pgkeel-bench-child");
        let mut command = Command::new(&child);
        command.arg(self.patience.as_secs().to_string()).arg(&self.program).args(&self.arguments);
        command.current_dir(&self.dir).env_clear().env("LC_ALL", "C").env("HOME", &self.dir);
        command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        command.envs(self.url.as_ref().map(|url| ("DATABASE_URL", url)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(File::create(&log)?);
        // A group of its own: Ctrl-C comes to us, and we end the whole group.
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let running = command.spawn().with_context(|| format!("cannot run `{}`", child.display()))?;
        GROUP.store(i32::try_from(running.id())?, Ordering::SeqCst);
        let output = running.wait_with_output()?;
        GROUP.store(0, Ordering::SeqCst);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let numbers: Vec<i64> = said.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        let &[wall, cpu, memory, code] = numbers.as_slice() else { bail!("{}", last_words(&log)) };
        ensure!(code == self.code, "exit {code}: {}", last_words(&log));
        let micros = |n: i64| Duration::from_micros(n.unsigned_abs());
        Ok(Sample { wall: micros(wall), cpu: micros(cpu), memory_kb: memory.unsigned_abs() })
    }
}

/// The process group that is being measured; 0: none. Only `locks` runs anything beside it.
static GROUP: AtomicI32 = AtomicI32::new(0);

/// Set while the signal handler clears up, which ends the process.
static STOPPING: AtomicBool = AtomicBool::new(false);

/// Ends what is being measured, for good.
pub(crate) fn stop() {
    STOPPING.store(true, Ordering::SeqCst);
    let group = GROUP.load(Ordering::SeqCst);
    if group > 0 {
        // It may have ended by itself just now.
        killpg(Pid::from_raw(group), Signal::SIGKILL).ok();
    }
}

/// Returns only if nobody wants us to stop: what fails meanwhile is no finding.
pub(crate) fn pause_if_stopping() {
    while STOPPING.load(Ordering::SeqCst) {
        thread::sleep(Duration::from_secs(1));
    }
}

/// The end of what a program printed, in one line and without a password.
fn last_words(log: &Path) -> String {
    let text = String::from_utf8_lossy(&fs::read(log).unwrap_or_default()).into_owned();
    let lines: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let end = lines[lines.len().saturating_sub(3)..].join("; ");
    let hidden: Vec<_> = end.split(' ').map(|word| if word.contains("://") { "URL" } else { word }).collect();
    let words: String = hidden.join(" ").chars().filter(|c| !c.is_control()).take(300).collect();
    if words.is_empty() { "it said nothing".to_owned() } else { words }
}
