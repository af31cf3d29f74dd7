//! [`GlobalArgs`]: the flags that every command takes.

use std::path::PathBuf;

use clap::{ArgAction, Args, ValueEnum};

use crate::pg::secret::Secret;
use crate::pg::url::DatabaseUrl;

/// Flags that every command takes.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct GlobalArgs {
    /// Database to work on; better kept in DATABASE_URL, since other users of this machine can see a command line
    #[arg(long, global = true, value_name = "URL")]
    pub database_url: Option<Secret>,

    /// Environment to work in: its section in pgkeel.toml and its .env files
    #[arg(long, global = true, value_name = "NAME")]
    pub env: Option<String>,

    /// Configuration file, in place of the nearest pgkeel.toml
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Run as if started in this directory
    #[arg(short = 'C', long, global = true, value_name = "DIR")]
    pub directory: Option<PathBuf>,

    /// Use the project's own development server, whatever is configured
    #[arg(long, global = true, conflicts_with = "database_url")]
    pub dev: bool,

    /// Answer yes to questions about unprotected databases
    #[arg(short = 'y', long, global = true)]
    pub yes: bool,

    /// Confirm what destroys data in a protected environment, as in `production/shop`
    #[arg(long, global = true, value_name = "ENVIRONMENT/DATABASE")]
    pub confirm: Option<String>,

    /// Print the result as one JSON document
    #[arg(long, global = true)]
    pub json: bool,

    /// Print nothing but results and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Tell more; twice for everything
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,

    /// When to use colour
    #[arg(long, global = true, value_name = "WHEN", value_enum)]
    pub color: Option<Color>,
}

impl GlobalArgs {
    /// The flags that chose project and database, as a shell takes them.
    pub(super) fn place(&self) -> String {
        let path = |path: &PathBuf| path.display().to_string();
        let url =
            |url: &Secret| DatabaseUrl::parse(url.expose()).map(|url| url.to_string()).unwrap_or_default();
        let flags = [
            ("-C", self.directory.as_ref().map(path)),
            ("--config", self.config.as_ref().map(path)),
            ("--env", self.env.clone()),
            ("--database-url", self.database_url.as_ref().map(url)),
        ];
        let mut text = String::new();
        for (flag, value) in flags.into_iter().filter_map(|(flag, value)| Some((flag, value?))) {
            text.push_str(&format!(" {flag} {}", shell_word(&value)));
        }
        if self.dev {
            text.push_str(" --dev");
        }
        text
    }
}

/// A text as one word of a shell's line.
pub(crate) fn shell_word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+,".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::*;

    #[derive(Debug, Parser)]
    struct Cli {
        #[command(flatten)]
        global: GlobalArgs,
        #[command(subcommand)]
        command: Command,
    }

    #[derive(Debug, clap::Subcommand)]
    enum Command {
        Status,
    }

    #[test]
    fn what_is_to_be_typed_again_is_quoted_and_without_a_password() {
        let args = GlobalArgs {
            database_url: Some(Secret::new("postgres://app:hush@db.example/shop")),
            directory: Some("my shop's".into()),
            env: Some("production".into()),
            ..GlobalArgs::default()
        };
        let place = args.place();
        assert!(
            place.starts_with(r" -C 'my shop'\''s' --env production --database-url 'postgres://app:"),
            "{place}"
        );
        assert!(!place.contains("hush"), "{place}");
        assert_eq!(GlobalArgs { dev: true, ..GlobalArgs::default() }.place(), " --dev");
    }

    #[test]
    fn global_flags_stand_before_and_after_the_command_and_hide_the_url() {
        Cli::command().debug_assert();
        let cli = Cli::try_parse_from([
            "pgkeel",
            "-C",
            "db",
            "status",
            "-vv",
            "--database-url",
            "postgres://a:hunter2@h",
        ]);
        let global = cli.unwrap().global;
        assert_eq!((global.verbose, global.directory.as_deref()), (2, Some("db".as_ref())));
        assert_eq!(global.database_url.as_ref().unwrap().expose(), "postgres://a:hunter2@h");
        assert!(!format!("{global:?}").contains("hunter2"));
        assert!(Cli::try_parse_from(["pgkeel", "status", "--dev", "--database-url", "x"]).is_err());
    }
}
