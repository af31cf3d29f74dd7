//! `pgkeel config`: every value of the configuration with its origin, without secrets.

use anyhow::Result;
use clap::Args as ClapArgs;
use serde::Serialize;

use crate::config::{Config, Entry};
use crate::context::Context;
use crate::exit::Exit;
use crate::ui::{Page, Report, Table};

/// Show every value of the configuration with its origin
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Passwords are shown as ****. Strongest first: flag, environment, .env files, pgkeel.toml, diesel.toml, \
dev cluster.

Examples:
  pgkeel config
  pgkeel config --env staging --json"
)]
pub(crate) struct Args {}

/// What `pgkeel config` shows.
#[derive(Debug, Serialize)]
pub(crate) struct ConfigReport {
    /// Every value, in a fixed order.
    pub entries: Vec<Entry>,
    /// What the user should know about them.
    pub warnings: Vec<String>,
}

impl ConfigReport {
    /// Of this configuration.
    pub(crate) fn of(config: &Config) -> Self {
        Self { entries: config.entries(), warnings: config.warnings.clone() }
    }

    /// For a table of three columns: key, value, origin. Nothing that nobody set has an origin worth a word.
    pub(crate) fn rows(&self) -> Vec<[String; 3]> {
        self.entries
            .iter()
            .map(|entry| match &entry.value {
                Some(value) => [entry.key.to_owned(), value.clone(), entry.origin.clone()],
                None => [entry.key.to_owned(), "not set".to_owned(), String::new()],
            })
            .collect()
    }
}

impl Report for ConfigReport {
    fn text(&self, page: &mut Page) {
        let mut table = Table::new(page, &["key", "value", "from"]);
        for row in self.rows() {
            table.row(row);
        }
        table.end(page);
    }
}

pub(crate) fn run(_: &Args, cx: &mut Context) -> Result<Exit> {
    cx.ui.result(&ConfigReport::of(&cx.config))?;
    Ok(Exit::Ok)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Environment, GlobalArgs};

    #[test]
    fn the_report_names_values_and_origins_and_no_password() {
        let folder = tempfile::tempdir().unwrap();
        let environment: Environment =
            [("DATABASE_URL", "postgres://app:hunter2@db/shop")].into_iter().collect();
        let config = Config::load(&GlobalArgs::default(), &environment, folder.path()).unwrap();
        let report = ConfigReport::of(&config);
        let row = |key: &str| report.rows().into_iter().find(|row| row[0] == key).unwrap().join(" | ");
        assert_eq!(
            row("database"),
            "database | postgres://app:****@db/shop | `DATABASE_URL` in the environment"
        );
        assert_eq!(row("direct"), "direct | not set | ");
        let json = serde_json::to_string(&report).unwrap();
        assert!(
            json.contains(r#"{"key":"direct","value":null,"origin":"default"}"#) && !json.contains("hunter2"),
            "{json}"
        );
    }
}
