//! `pgkeel dev`: the project's own local PostgreSQL.

use anyhow::{Context as _, Result};
use clap::{Args as ClapArgs, Subcommand};
use serde::Serialize;

use crate::context::Context;
use crate::exit::{CommandError, Exit};
use crate::pg::cluster::{Listen, Running, Status, database_name};
use crate::pg::tools::{command, sibling};
use crate::ui::{Page, Report, Tone};

/// The project's own local PostgreSQL, from the installed binaries
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:
  pgkeel dev start            start it, as every developer's command does if nothing is configured
  pgkeel dev start --tcp      also on a free port of 127.0.0.1, with a password
  pgkeel dev url              for DATABASE_URL of your application
  pgkeel dev psql             look around
  pgkeel dev destroy          stop it and delete its data")]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the server unless it runs
    Start {
        /// Also listen on a free port of 127.0.0.1, with a random password
        #[arg(long)]
        tcp: bool,
    },
    /// Stop the server; its data stays
    Stop,
    /// Tell whether it runs
    Status,
    /// Print the URL of the project's database
    Url {
        /// The one over 127.0.0.1; it holds the password
        #[arg(long)]
        tcp: bool,
    },
    /// Open psql on the project's database
    Psql {
        /// Arguments for psql
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Stop the server and delete its data
    Destroy,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DevReport {
    state: &'static str,
    version: Option<String>,
    url: Option<String>,
    log: Option<String>,
    #[serde(skip)]
    text: String,
}

impl Report for DevReport {
    fn text(&self, page: &mut Page) {
        page.line(&self.text);
        if let Some(url) = &self.url {
            page.line(&format!("{} {url}", page.paint(Tone::Dim, "url")));
        }
        if let Some(log) = &self.log {
            page.line(&format!("{} {log}", page.paint(Tone::Dim, "log")));
        }
    }
}

fn running(text: &str, running: &Running, database: &str) -> DevReport {
    DevReport {
        state: "running",
        version: Some(running.version().to_owned()),
        url: Some(running.url(database)),
        log: Some(running.log().display().to_string()),
        text: format!("{text} (PostgreSQL {})", running.version()),
    }
}

fn not_running(state: &'static str, text: &str) -> DevReport {
    DevReport { state, version: None, url: None, log: None, text: text.to_owned() }
}

pub(crate) fn run(args: &Args, cx: &mut Context) -> Result<Exit> {
    let database = database_name(&cx.project()?);
    let report = match &args.command {
        Command::Start { tcp } => {
            let server = cx.start_cluster(if *tcp { Listen::Tcp } else { Listen::Socket })?;
            server.create_database_if_missing(&database)?;
            running("the dev cluster runs", &server, &database)
        }
        Command::Stop => {
            if cx.cluster(Listen::Socket)?.stop()? {
                not_running("stopped", "stopped the dev cluster; its data stays")
            } else {
                not_running("stopped", "the dev cluster was not running")
            }
        }
        Command::Status => match cx.cluster(Listen::Socket)?.status()? {
            Status::Running(server) => {
                if let Some(upgraded) = &server.upgraded {
                    cx.ui.warn(&upgraded.to_string());
                }
                cx.tested(server.major());
                running("the dev cluster runs", &server, &database)
            }
            Status::Stopped { major } => not_running(
                "stopped",
                &format!("the dev cluster is stopped; its data is of PostgreSQL {major}"),
            ),
            Status::Absent => not_running("absent", "there is no dev cluster for this project yet"),
        },
        Command::Url { tcp } => {
            let server = cx.start_cluster(if *tcp { Listen::Tcp } else { Listen::Socket })?;
            server.create_database_if_missing(&database)?;
            // The one place that prints a password, because that is what was asked for: it is good
            // for this machine's loopback address only.
            let url = if *tcp { server.tcp_url(&database) } else { Some(server.url(&database)) };
            let url = url.context("the dev cluster runs without TCP")?;
            if cx.ui.is_json() {
                DevReport {
                    state: "running",
                    version: Some(server.version().into()),
                    url: Some(url),
                    log: None,
                    text: String::new(),
                }
            } else {
                cx.ui.stream(format!("{url}\n").as_bytes())?;
                return Ok(Exit::Ok);
            }
        }
        Command::Psql { arguments } => return psql(cx, &database, arguments),
        Command::Destroy => {
            let cluster = cx.cluster(Listen::Socket)?;
            if !matches!(cluster.status()?, Status::Absent) && !cx.config.answers.yes {
                if !cx.ui.is_interactive() {
                    return Err(CommandError::Refused {
                        why: "nobody can be asked: this is no terminal".into(),
                        remedy: "give `--yes` if it is meant".into(),
                    }
                    .into());
                }
                if !cx.ui.confirm("Delete the dev cluster with all its data?")? {
                    return Err(CommandError::Declined.into());
                }
            }
            if cluster.destroy()? {
                not_running("absent", "destroyed the dev cluster and its data")
            } else {
                not_running("absent", "there was no dev cluster")
            }
        }
    };
    cx.ui.result(&report)?;
    Ok(Exit::Ok)
}

fn psql(cx: &mut Context, database: &str, arguments: &[String]) -> Result<Exit> {
    let server = cx.start_cluster(Listen::Socket)?;
    server.create_database_if_missing(database)?;
    let program = sibling(&server.bin_dir().join("postgres"), "psql").ok_or_else(|| CommandError::Usage {
        message: format!("there is no psql beside the server in `{}`", server.bin_dir().display()),
        hint: "install PostgreSQL's client programs".into(),
    })?;
    let status = command(&program)
        .arg("--dbname")
        .arg(server.url(database))
        .args(arguments)
        .status()
        .with_context(|| format!("cannot start `{}`", program.display()))?;
    Ok(if status.success() { Exit::Ok } else { Exit::Failed })
}
