//! `pgkeel restore`: a backup into a new database, verified, then swapped in.

use anyhow::{Result, bail};
use clap::Args as ClapArgs;

use crate::context::Context;
use crate::exit::Exit;

/// Restore a backup into a new database, verify it, then put it in the place of the old one
#[derive(Debug, ClapArgs)]
pub(crate) struct Args {}

pub(crate) fn run(_args: &Args, _cx: &mut Context) -> Result<Exit> {
    bail!("being built")
}
