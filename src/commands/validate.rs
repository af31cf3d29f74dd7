//! `pgkeel validate`.

use anyhow::Result;
use clap::Args as ClapArgs;

use crate::context::Context;
use crate::exit::Exit;

/// Prove everything that a merge hangs on
#[derive(Debug, ClapArgs)]
pub(crate) struct Args {}

pub(crate) fn run(_args: &Args, _cx: &mut Context) -> Result<Exit> {
    anyhow::bail!("not built yet")
}
