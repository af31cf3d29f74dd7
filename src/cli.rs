//! The command line: `Cli`, `Command`, the one dispatch, completions and man pages. No behaviour.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

use crate::commands::withheld::{self, Guarded};
use crate::commands::{
    backup, config, deploy, dev, diff, drift, env, execute, generate, health, init, migrate, pull, push,
    reset, resolve, restore, rollback, seed, status, validate,
};
use crate::config::{ConfigError, Environment, GlobalArgs};
use crate::context::{Context, terminal};
use crate::exit::{CommandError, Exit, Scene, is_quiet, misconfigured, problem};

/// Takes a PostgreSQL schema from a developer's keyboard to production and back
#[derive(Debug, Parser)]
#[command(name = "pgkeel", version, propagate_version = false, max_term_width = 100)]
#[command(
    after_help = "Exit status: 0 done or nothing to do, 1 failed, 2 usage or configuration, 3 refused by a guard,
4 migrations are pending, 5 the history is in trouble, 6 different, 7 the lock was not had, 8 cannot connect,
9 a program is missing, 10 verification failed, 130 interrupted or answered no.

Examples:
  pgkeel init                              lay out a project
  pgkeel migrate                           from schema.sql to a migration, proved and applied
  pgkeel deploy                            apply it in CI/CD
  pgkeel status                            see where a database stands"
)]
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
    Drift(drift::Args),
    Generate(generate::Args),
    Pull(pull::Args),
    Push(push::Args),
    Validate(validate::Args),
    Diff(diff::Args),
    Status(status::Args),
    Rollback(rollback::Args),
    Reset(reset::Args),
    Seed(seed::Args),
    Backup(backup::Args),
    Restore(restore::Args),
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

impl Command {
    /// What applies migrations where this command runs.
    fn again(&self) -> &'static str {
        match self {
            Self::Migrate(_) => "pgkeel migrate",
            Self::Reset(_) => "pgkeel reset",
            _ => "pgkeel deploy",
        }
    }

    /// Whether it asks the guard.
    fn guarded(&self) -> Guarded {
        match self {
            Self::Reset(_)
            | Self::Restore(_)
            | Self::Execute(_)
            | Self::Push(_)
            | Self::Rollback(_)
            | Self::Seed(_) => Guarded::Yes,
            _ => Guarded::No,
        }
    }
}

/// Parse the command line, run the command, and tell how it ended.
pub(crate) fn run() -> ExitCode {
    Environment::take();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    if let Some(page) = page(&cli.command) {
        return tell(page, &cli.global);
    }
    let mut cx = match Context::of_process(&cli.global) {
        Ok(cx) => cx,
        Err(failed) => {
            let (mut ui, error) = *failed;
            let problem = misconfigured(&error);
            ui.error(&problem);
            return ExitCode::from(problem.code);
        }
    };
    for warning in &cx.config.warnings {
        cx.ui.warn(warning);
    }
    match dispatch(&cli.command, &mut cx) {
        Ok(exit) => exit.into(),
        Err(error) if is_quiet(&error) => Exit::Ok.into(),
        Err(error) => {
            let problem = match error.chain().find_map(|cause| cause.downcast_ref::<ConfigError>()) {
                Some(error) => misconfigured(error),
                None => {
                    let scene = Scene { root: &cx.config.root, again: cli.command.again() };
                    withheld::explained(&cx, cli.command.guarded(), &error, problem(&error, scene))
                }
            };
            cx.ui.error(&problem);
            ExitCode::from(problem.code)
        }
    }
}

/// clap's own words, on the stream and with the code that it means.
fn usage(error: &clap::Error) -> ExitCode {
    // Nothing is left to tell an error to if the stream is gone.
    drop(error.print());
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(Exit::Usage as u8))
}

fn dispatch(command: &Command, cx: &mut Context) -> Result<Exit> {
    match command {
        Command::Init(args) => init::run(args, cx),
        Command::Dev(args) => dev::run(args, cx),
        Command::Diff(args) => diff::run(args, cx),
        Command::Drift(args) => drift::run(args, cx),
        Command::Generate(args) => generate::run(args, cx),
        Command::Pull(args) => pull::run(args, cx),
        Command::Push(args) => push::run(args, cx),
        Command::Validate(args) => validate::run(args, cx),
        Command::Migrate(args) => migrate::run(args, cx),
        Command::Deploy(args) => deploy::run(args, cx),
        Command::Status(args) => status::run(args, cx),
        Command::Rollback(args) => rollback::run(args, cx),
        Command::Reset(args) => reset::run(args, cx),
        Command::Seed(args) => seed::run(args, cx),
        Command::Backup(args) => backup::run(args, cx),
        Command::Restore(args) => restore::run(args, cx),
        Command::Execute(args) => execute::run(args, cx),
        Command::Resolve(args) => resolve::run(args, cx),
        Command::Env(args) => env::run(args, cx),
        Command::Health(args) => health::run(args, cx),
        Command::Config(args) => config::run(args, cx),
        // Told by `page`, before any configuration was read.
        Command::Completions { .. } | Command::Man { .. } => Ok(Exit::Ok),
    }
}

/// What is printed without a look at any configuration: a shell that starts in a broken project completes, too.
fn page(command: &Command) -> Option<Result<Vec<u8>>> {
    match command {
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "pgkeel", &mut script);
            Some(Ok(script))
        }
        Command::Man { command } => Some(man(command.as_deref())),
        _ => None,
    }
}

fn tell(page: Result<Vec<u8>>, global: &GlobalArgs) -> ExitCode {
    let mut ui = terminal(global);
    match page.and_then(|page| ui.stream(&page)) {
        Ok(()) => Exit::Ok.into(),
        Err(error) if is_quiet(&error) => Exit::Ok.into(),
        Err(error) => {
            let problem = problem(&error, Scene { root: Path::new(""), again: "" });
            ui.error(&problem);
            ExitCode::from(problem.code)
        }
    }
}

fn man(name: Option<&str>) -> Result<Vec<u8>> {
    let mut whole = Cli::command();
    whole.build();
    let page = match name {
        None => whole,
        Some(name) => whole.find_subcommand(name).cloned().ok_or_else(|| CommandError::Usage {
            message: format!("there is no command `{name}`"),
            hint: "`pgkeel help` lists the commands".into(),
        })?,
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page).render(&mut text)?;
    Ok(text)
}
