//! `pgkeel health`: one connection, one query, one document, for probes.

use std::time::Instant;

use anyhow::Result;
use clap::Args as ClapArgs;
use serde_json::json;

use crate::context::{Context, Fallback};
use crate::exit::Exit;
use crate::pg::error::PgError;
use crate::pg::session::Session;

/// Tell whether the database answers, and how fast (ms)
#[derive(Debug, ClapArgs)]
#[command(after_help = "Exit status: 0 connected, 8 not.

Examples:
  pgkeel health          {\"format\":1,\"connected\":true,\"responseTime\":4}
  pgkeel health -q       the exit status alone")]
pub(crate) struct Args {}

pub(crate) fn run(_: &Args, cx: &mut Context) -> Result<Exit> {
    // A probe that starts a server of its own would call a missing configuration healthy.
    let place = cx.database(Fallback::Nothing)?;
    let begin = Instant::now();
    let answered = Session::connect(&place.url, &cx.connect_options("health").for_ours(), &cx.interrupt)
        .and_then(|mut session| session.query("SELECT 1"));
    let (exit, document) = match answered {
        Ok(_) => {
            let ms = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
            (Exit::Ok, json!({ "format": 1, "connected": true, "responseTime": ms }))
        }
        Err(PgError::Interrupted) => return Err(PgError::Interrupted.into()),
        Err(error) => {
            (Exit::NoConnection, json!({ "format": 1, "connected": false, "error": error.to_string() }))
        }
    };
    if !cx.config.answers.quiet {
        cx.ui.stream(format!("{document}\n").as_bytes())?;
    }
    Ok(exit)
}
