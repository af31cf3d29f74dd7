//! The registry: one file per group of figures. A group prepares its own databases and returns one table.

mod backup;
mod deploy;
mod diff;
mod drift;
mod locks;
mod memory;
mod start;
mod status;
mod swap;
mod trips;

use std::time::Duration;

use anyhow::Result;

use crate::contest::Rounds;
use crate::server::{Place, Server};
use crate::table::Table;
use crate::tools::Programs;

/// A group of figures.
pub(crate) struct Group {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    /// Whether it measures the peers, which then must be installed.
    pub(crate) peers: bool,
    pub(crate) run: fn(&Bench) -> Result<Table>,
}

impl std::fmt::Debug for Group {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Group({})", self.name)
    }
}

/// All groups, in the order of the report.
pub(crate) const GROUPS: &[Group] = &[
    start::GROUP,
    status::GROUP,
    deploy::GROUP,
    trips::GROUP,
    memory::GROUP,
    locks::GROUP,
    backup::GROUP,
    swap::GROUP,
    diff::GROUP,
    drift::GROUP,
];

/// What a group works with.
#[derive(Debug)]
pub(crate) struct Bench {
    pub(crate) place: Place,
    pub(crate) server: Server,
    pub(crate) programs: Programs,
    pub(crate) rounds: Option<usize>,
    pub(crate) quick: bool,
    pub(crate) large: bool,
    pub(crate) hold: Option<Duration>,
}

impl Bench {
    /// As asked, else 2 if it must be quick, else `usual`.
    pub(crate) fn rounds(&self, warming: usize, usual: usize) -> Rounds {
        let quick = if self.quick { 2.min(usual) } else { usual };
        Rounds { warming, counted: self.rounds.unwrap_or(quick) }
    }

    /// A size: `small` if it must be quick.
    pub(crate) fn size(&self, full: usize, small: usize) -> usize {
        if self.quick { small } else { full }
    }
}
