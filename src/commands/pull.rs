//! `pgkeel pull`.

use anyhow::Result;
use clap::Args as ClapArgs;

use crate::context::Context;
use crate::exit::Exit;

/// Write the catalog as a readable schema.sql
#[derive(Debug, ClapArgs)]
pub(crate) struct Args {}

pub(crate) fn run(_args: &Args, _cx: &mut Context) -> Result<Exit> {
    anyhow::bail!("not built yet")
}
