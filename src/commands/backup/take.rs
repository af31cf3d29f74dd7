//! `pgkeel backup`: take.

use std::path::Path;

use anyhow::{Result, bail};
use clap::Args as ClapArgs;

use crate::context::Context;
use crate::exit::Exit;

/// Take a backup
#[derive(Debug, ClapArgs)]
pub(super) struct Args {}

pub(super) fn run(_args: &Args, _root: &Path, _cx: &mut Context) -> Result<Exit> {
    bail!("being built")
}
