//! `pgkeel backup`: prune.

use std::path::Path;

use anyhow::{Result, bail};
use clap::Args as ClapArgs;

use crate::context::Context;
use crate::exit::Exit;

/// Delete backups that no rule keeps
#[derive(Debug, ClapArgs)]
pub(super) struct Args {}

pub(super) fn run(_args: &Args, _root: &Path, _cx: &mut Context) -> Result<Exit> {
    bail!("being built")
}
