//! Runs one program and tells what it took: wall time, CPU time, peak memory. A process of its own for each
//! measurement, because the children's peak memory is only known as the largest of all children, and a child
//! starts with its parent's: this one is small.

use std::io;
use std::os::fd::AsFd;
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::signal::{Signal, kill};
use nix::sys::time::TimeValLike;
use nix::unistd::Pid;

/// `SECONDS PROGRAM [ARGUMENT…]`; prints `wall CPU memory code` in microseconds and kB. What the program prints
/// goes to stderr.
fn main() -> ExitCode {
    match run() {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> io::Result<String> {
    let mut arguments = std::env::args_os().skip(1);
    let seconds = arguments.next().and_then(|s| s.to_str()?.parse().ok());
    let (Some(seconds), Some(program)) = (seconds, arguments.next()) else {
        return Err(io::Error::other("usage: SECONDS PROGRAM [ARGUMENT…]"));
    };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(io::stderr().as_fd().try_clone_to_owned()?);
    let ended = Arc::new(AtomicBool::new(false));
    let begin = Instant::now();
    let mut child = command.spawn()?;
    let pid = Pid::from_raw(i32::try_from(child.id()).map_err(io::Error::other)?);
    let seen = Arc::clone(&ended);
    thread::spawn(move || {
        thread::sleep(Duration::from_secs(seconds));
        if !seen.load(Ordering::SeqCst) && kill(pid, Signal::SIGKILL).is_ok() {
            eprintln!("killed: not done after {seconds} s");
        }
    });
    let status = child.wait()?;
    let wall = begin.elapsed();
    ended.store(true, Ordering::SeqCst);
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let cpu = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    let unit = if cfg!(target_os = "macos") { 1024 } else { 1 };
    let code = status.code().unwrap_or(-1);
    Ok(format!("{} {cpu} {} {code}", wall.as_micros(), usage.max_rss() / unit))
}
