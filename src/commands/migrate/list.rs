//! `pgkeel migrate list`.

use anyhow::Result;
use clap::Args as ClapArgs;

use crate::context::Context;
use crate::exit::Exit;

/// List the migrations
#[derive(Debug, ClapArgs)]
pub(crate) struct Args {}

pub(crate) fn run(_args: &Args, _cx: &mut Context) -> Result<Exit> {
    anyhow::bail!("not built yet")
}
