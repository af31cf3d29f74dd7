//! What the figures were taken on: cores, load, disk, versions. Asked of programs that every Unix has.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Instant;

use anyhow::Result;

use crate::server::SETTINGS;
use crate::stats::{shown, spread};
use crate::tools::{Programs, TOOLS};

/// The first lines of a report.
pub(crate) fn describe(programs: &Programs, server: &str, folder: &Path) -> Result<String> {
    let (cores, load) = (cores(), load());
    let settings = SETTINGS.map(|(name, value)| format!("{name}={value}")).join(", ");
    let flush = spread(flushes(folder)?.into_iter());
    let mut lines = vec![
        format!("machine: {}, {cores} cores", said("uname", &["-srm"])),
        format!("load average before: {load}{}", quietness(&load)),
        format!("disk: writing 8 kB and flushing it takes {} ms (median)", shown(flush.median)),
        format!("server: PostgreSQL {server}, fsync on, {settings}"),
    ];
    for tool in TOOLS {
        let version = match programs.path(tool) {
            // Diesel's is in the second line.
            Ok(path) => said(&path.to_string_lossy(), &["--version"]),
            Err(error) => format!("{error:#}"),
        };
        lines.push(format!("{}: {version}", tool.name()));
    }
    Ok(lines.iter().map(|line| format!("- {line}\n")).collect())
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// The three load averages.
pub(crate) fn load() -> String {
    let uptime = said("uptime", &[]);
    let numbers =
        uptime.rsplit_once("load average").map(|(_, rest)| rest.trim_start_matches(['s', ':', ' ']));
    numbers.unwrap_or("unknown").to_owned()
}

/// A word of warning if others work here, too, by the average of the last minute.
fn quietness(load: &str) -> &'static str {
    let last_minute = load.split([',', ' ']).next().and_then(|number| number.parse::<f64>().ok());
    match last_minute {
        Some(load) if load <= cores() as f64 / 4.0 => "",
        _ => " (**not a quiet machine: do not quote its times**)",
    }
}

fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).env("LC_ALL", "C").output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() { "unknown".to_owned() } else { text }
}

/// What a commit costs at least, in milliseconds.
fn flushes(folder: &Path) -> Result<Vec<f64>> {
    let path = folder.join("flush");
    let mut file = File::create(&path)?;
    let mut times = Vec::new();
    for _ in 0..50 {
        let begin = Instant::now();
        file.write_all(&[1; 8192])?;
        file.sync_data()?;
        times.push(begin.elapsed().as_secs_f64() * 1e3);
    }
    fs::remove_file(&path)?;
    Ok(times)
}
