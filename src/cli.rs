//! The command line: `Cli`, `Command`, the one dispatch, completions and man pages. No behaviour.

use std::process::ExitCode;

use anyhow::Result;
use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

use crate::commands::{config, deploy, dev, env, execute, health, init, migrate, reset, resolve, rollback, seed, status};
use crate::config::{Color, Config, GlobalArgs};
use crate::context::Context;
use crate::exit::{Exit, problem};
use crate::pg::interrupt::Interrupt;
use crate::ui::{Colour, Manner, Ui};

/// Takes a PostgreSQL schema from a developer's keyboard to production and back
#[derive(Debug, Parser)]
#[command(name = "pgkeel", version, propagate_version = false, max_term_width = 100)]
#[command(after_help = "Exit status: 0 done or nothing to do, 1 failed, 2 usage or configuration, 3 refused by a guard,
4 migrations are pending, 5 the history is in trouble, 7 the lock was not had, 8 cannot connect,
9 a program is missing, 10 verification failed, 130 interrupted or answered no.

Examples:
  pgkeel init                              lay out a project
  pgkeel migrate --name add_phone --empty  begin a migration
  pgkeel migrate                           apply it to your own database
  pgkeel deploy                            apply it in CI/CD
  pgkeel status                            see where a database stands")]
struct Cli {
    #[command(flatten)]
    global: GlobalArgs,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Args),
    Dev(dev::Args),
    Migrate(migrate::Args),
    Deploy(deploy::Args),
    Status(status::Args),
    Rollback(rollback::Args),
    Reset(reset::Args),
    Seed(seed::Args),
    Execute(execute::Args),
    Resolve(resolve::Args),
    Env(env::Args),
    Health(health::Args),
    Config(config::Args),
    /// Print a completion script for a shell
    #[command(after_help = "Examples:
  pgkeel completions bash > /etc/bash_completion.d/pgkeel
  pgkeel completions zsh > ~/.zfunc/_pgkeel")]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page of pgkeel or of one command
    #[command(after_help = "Examples:
  pgkeel man > /usr/local/share/man/man1/pgkeel.1
  pgkeel man deploy | man -l -")]
    Man {
        /// A command; without it, pgkeel itself
        command: Option<String>,
    },
}

/// Parse the command line, run the command, and tell how it ended.
pub(crate) fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let interrupt = Interrupt::default();
    let config = Config::of_process(&cli.global);
    let mut ui = Ui::new(manner(&cli.global, config.as_ref().ok()));
    let config = match config {
        Ok(config) => config,
        Err(error) => return tell(&mut ui, &error.into(), std::path::Path::new("")),
    };
    listen(&interrupt);
    for warning in &config.warnings {
        ui.warn(warning);
    }
    let root = config.root.clone();
    let mut cx = Context { config, ui, interrupt };
    match dispatch(&cli.command, &mut cx) {
        Ok(exit) => exit.into(),
        Err(error) => tell(&mut cx.ui, &error, &root),
    }
}

fn tell(ui: &mut Ui, error: &anyhow::Error, root: &std::path::Path) -> ExitCode {
    let problem = problem(error, root);
    ui.error(&problem);
    ExitCode::from(problem.code)
}

/// clap's own words, on the stream and with the code that it means.
fn usage(error: &clap::Error) -> ExitCode {
    // Nothing is left to tell an error to if the stream is gone.
    drop(error.print());
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(Exit::Usage as u8))
}

fn manner(global: &GlobalArgs, config: Option<&Config>) -> Manner {
    let around = config.map(|config| &config.surroundings);
    Manner {
        json: global.json,
        quiet: global.quiet,
        verbose: global.verbose,
        colour: match around.map_or(global.color.unwrap_or_default(), |around| around.color.value) {
            Color::Auto => Colour::Auto,
            Color::Always => Colour::Always,
            Color::Never => Colour::Never,
        },
        driven: around.is_some_and(|around| around.driven_by.is_some()),
        github: around.is_some_and(|around| around.github_actions),
        columns: around.and_then(|around| around.columns),
    }
}

/// Ctrl-C, SIGTERM and SIGHUP ask the session to stop; a prompt, which has no session, ends at once.
fn listen(interrupt: &Interrupt) {
    let raised = interrupt.clone();
    // Without a handler Ctrl-C still ends the program, only less politely.
    drop(ctrlc::set_handler(move || {
        raised.raise();
    }));
}

fn dispatch(command: &Command, cx: &mut Context) -> Result<Exit> {
    match command {
        Command::Init(args) => init::run(args, cx),
        Command::Dev(args) => dev::run(args, cx),
        Command::Migrate(args) => migrate::run(args, cx),
        Command::Deploy(args) => deploy::run(args, cx),
        Command::Status(args) => status::run(args, cx),
        Command::Rollback(args) => rollback::run(args, cx),
        Command::Reset(args) => reset::run(args, cx),
        Command::Seed(args) => seed::run(args, cx),
        Command::Execute(args) => execute::run(args, cx),
        Command::Resolve(args) => resolve::run(args, cx),
        Command::Env(args) => env::run(args, cx),
        Command::Health(args) => health::run(args, cx),
        Command::Config(args) => config::run(args, cx),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "pgkeel", &mut script);
            cx.ui.stream(&script)?;
            Ok(Exit::Ok)
        }
        Command::Man { command } => man(command.as_deref(), cx),
    }
}

fn man(name: Option<&str>, cx: &mut Context) -> Result<Exit> {
    let mut whole = Cli::command();
    whole.build();
    let page = match name {
        None => whole,
        Some(name) => match whole.find_subcommand(name) {
            Some(one) => one.clone(),
            None => {
                return Err(crate::exit::CommandError::Usage {
                    message: format!("there is no command `{name}`"),
                    hint: "`pgkeel help` lists the commands".into(),
                }
                .into());
            }
        },
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page).render(&mut text)?;
    cx.ui.stream(&text)?;
    Ok(Exit::Ok)
}
