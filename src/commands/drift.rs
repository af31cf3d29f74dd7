//! `pgkeel drift`.

use anyhow::Result;
use clap::Args as ClapArgs;

use crate::context::Context;
use crate::exit::Exit;

/// Compare the live database with what the migrations make
#[derive(Debug, ClapArgs)]
pub(crate) struct Args {}

pub(crate) fn run(_args: &Args, _cx: &mut Context) -> Result<Exit> {
    anyhow::bail!("not built yet")
}
