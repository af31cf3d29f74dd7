//! `--version`: what it costs to start at all. Target: at most 1.5 times sqlx.

use std::path::Path;

use anyhow::Result;

use super::{Bench, Group};
use crate::contest::{self, Entry};
use crate::measure::Job;
use crate::table::Table;
use crate::tools::{TOOLS, Tool};

pub(super) const GROUP: Group =
    Group { name: "start", about: "process start: `--version`", peers: true, run };

fn run(bench: &Bench) -> Result<Table> {
    let dir = bench.place.files("start")?;
    let version = |tool: Tool| bench.programs.version(tool, &dir)?.run();
    let mut entries: Vec<_> =
        TOOLS.into_iter().map(|tool| Entry::new(tool.name(), move || version(tool))).collect();
    // Dynamic linking alone: libpq brings TLS, Kerberos and LDAP with it.
    let libpq = || Job::new(&std::env::current_exe()?, &dir).args(["--help"]).run();
    entries.push(Entry::new("a program that links libpq", libpq));
    let nothing = || Job::new(Path::new("true"), &dir).run();
    entries.push(Entry::new("`true`: the harness itself", nothing));
    let outcomes = contest::hold("start", bench.rounds(2, 20), entries);
    let mut table = Table::of_times("start: process start");
    table.timed("--version", &outcomes, "sqlx", Some(1.5));
    Ok(table)
}
