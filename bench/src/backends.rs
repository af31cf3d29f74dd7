//! The CPU time of the server's backends, as the kernel adds it up for their parent when they have ended. The server is
//! the bench's own, so whoever ended meanwhile served the program that is measured.

use std::collections::BTreeSet;
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::server::Server;

/// Ticks of a second in /proc (proc(5), `stat`; the same on all common machines).
const TICKS: f64 = 100.0;

/// The processes below the postmaster.
#[derive(Debug)]
pub(crate) struct Backends {
    postmaster: i32,
    /// Those that stay: the checkpointer and its like.
    staying: BTreeSet<i32>,
}

impl Backends {
    /// To be called when nobody is connected.
    pub(crate) fn of(server: &Server) -> Result<Backends> {
        let mut session = server.session("postgres")?;
        let pid: i32 = session.query_value("SELECT pg_backend_pid()")?.unwrap_or_default().parse()?;
        let (postmaster, _) = stat(pid).context("the server's CPU is only known where there is /proc")?;
        let others = "SELECT pid FROM pg_stat_activity WHERE backend_type <> 'client backend' OR pid = 0";
        let staying = session.catalog(others)?.rows.into_iter().flatten().flatten();
        let staying = staying.filter_map(|pid| pid.parse().ok()).collect();
        drop(session);
        Ok(Backends { postmaster, staying })
    }

    /// That of all that have ended so far; waits until nobody is left who is going to.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        let deadline = Instant::now() + Duration::from_secs(10);
        while children(self.postmaster)?.difference(&self.staying).next().is_some() {
            if Instant::now() > deadline {
                bail!("somebody is still connected to the server");
            }
            thread::sleep(Duration::from_millis(5));
        }
        let (_, ticks) = stat(self.postmaster)?;
        Ok(Duration::from_secs_f64(ticks / TICKS))
    }
}

/// A process's parent, and the CPU time of its children that have ended.
fn stat(pid: i32) -> Result<(i32, f64)> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name is in parentheses and may hold anything.
    let (_, rest) = text.rsplit_once(')').context("no name in /proc/…/stat")?;
    let words: Vec<&str> = rest.split_whitespace().collect();
    let word = |at: usize| words.get(at).copied().unwrap_or_default();
    Ok((word(1).parse()?, word(13).parse::<f64>()? + word(14).parse::<f64>()?))
}

fn children(of: i32) -> Result<BTreeSet<i32>> {
    let pids = fs::read_dir("/proc")?.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    // One that ends while we look has no file any more.
    Ok(pids.filter(|pid| stat(*pid).is_ok_and(|(parent, _)| parent == of)).collect())
}
