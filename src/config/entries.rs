//! The configuration as a list, for `pgkeel config`: every value with its origin, secrets redacted.

use serde::Serialize;

use super::{Config, KeepToml, Origin, PoolTimeout, Sourced, Target, show_duration};

/// One value of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Entry {
    /// Its name, with dots: `deploy.lock_timeout`.
    pub key: &'static str,
    /// Its value, redacted; `None` if it has none.
    pub value: Option<String>,
    /// Where it comes from.
    pub origin: String,
}

impl Config {
    /// Every value with its origin, in a fixed order.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let path =
            |path: &std::path::Path| path.strip_prefix(&self.root).unwrap_or(path).display().to_string();
        let time = |time: &std::time::Duration| show_duration(*time);
        let (deploy, backup, seed, around) = (&self.deploy, &self.backup, &self.seed, &self.surroundings);
        let mut list = vec![Entry {
            key: "root",
            value: Some(self.root.display().to_string()),
            origin: "where the project is".to_owned(),
        }];
        list.extend([
            optional("environment", &self.environment, String::clone),
            optional("protected", &self.protected, ToString::to_string),
            entry("allow_reset", &self.allow_reset, bool::to_string),
            optional("database", &self.database, Target::to_string),
            optional("direct", &self.direct, ToString::to_string),
            optional("shadow", &self.shadow, ToString::to_string),
            entry("pool.min", &self.pool.min, u32::to_string),
            entry("pool.max", &self.pool.max, u32::to_string),
            entry("pool.timeout", &self.pool.timeout, |timeout| match timeout {
                PoolTimeout::Never => "never".to_owned(),
                PoolTimeout::After(after) => show_duration(*after),
            }),
            entry("schema", &self.schema, |it| path(it)),
            entry("migrations", &self.migrations, |it| path(it)),
            entry("bookkeeping_schema", &self.bookkeeping_schema, String::clone),
            optional("trusted_owners", &self.trusted_owners, |it| it.join(", ")),
            optional("deploy.role", &deploy.role, String::clone),
            entry("deploy.lock_timeout", &deploy.lock_timeout, time),
            optional("deploy.lock_wait", &deploy.lock_wait, time),
            optional("deploy.wait", &deploy.wait, time),
            entry("deploy.backup", &deploy.backup, ToString::to_string),
            entry("deploy.backup_budget", &deploy.backup_budget, time),
            entry("backup.dir", &backup.dir, |it| path(it)),
            optional("backup.jobs", &backup.jobs, u32::to_string),
            entry("backup.compression", &backup.compression, String::clone),
            entry("backup.recipients", &backup.recipients, |keys| keys.join(", ")),
            optional("backup.identity", &backup.identity, |it| path(it)),
            entry("backup.quarantine", &backup.quarantine, time),
            entry("backup.verify_every", &backup.verify_every, time),
            kept("backup.keep.last", &backup.keep, |keep| keep.last.map(|n| n.to_string())),
            kept("backup.keep.hourly", &backup.keep, |keep| keep.hourly.map(|n| n.to_string())),
            kept("backup.keep.daily", &backup.keep, |keep| keep.daily.map(|n| n.to_string())),
            kept("backup.keep.weekly", &backup.keep, |keep| keep.weekly.map(|n| n.to_string())),
            kept("backup.keep.monthly", &backup.keep, |keep| keep.monthly.map(|n| n.to_string())),
            kept("backup.keep.yearly", &backup.keep, |keep| keep.yearly.map(|n| n.to_string())),
            kept("backup.keep.within", &backup.keep, |keep| keep.within.map(show_duration)),
            kept("backup.keep.labels", &backup.keep, |keep| keep.labels.as_ref().map(|it| it.join(", "))),
            optional("pgbouncer", &backup.pgbouncer, ToString::to_string),
            entry("drift.ignore", &self.drift.ignore, |rules| rules.join(", ")),
            entry("drift.owners", &self.drift.owners, bool::to_string),
            entry("drift.privileges", &self.drift.privileges, bool::to_string),
            entry("seed.dir", &seed.dir, |it| path(it)),
            optional("seed.sets", &seed.sets, |sets| sets.join(", ")),
            optional("seed.command", &seed.command, ToString::to_string),
            entry("seed.production", &seed.production, |sets| sets.join(", ")),
            entry("color", &around.color, |color| format!("{color:?}").to_lowercase()),
            variable("pg_bin", "PGKEEL_PG_BIN", around.pg_bin.as_ref().map(|it| it.display().to_string())),
            variable(
                "state_dir",
                "PGKEEL_STATE_DIR",
                around.state_dir.as_ref().map(|it| it.display().to_string()),
            ),
            Entry {
                key: "driven_by",
                value: around.driven_by.map(|driver| driver.to_string()),
                origin: match around.driven_by {
                    Some(driver) => Origin::Env(driver.variable.to_owned()).to_string(),
                    None => Origin::Default.to_string(),
                },
            },
        ]);
        list
    }
}

fn entry<T>(key: &'static str, sourced: &Sourced<T>, show: impl Fn(&T) -> String) -> Entry {
    Entry { key, value: Some(show(&sourced.value)), origin: sourced.origin.to_string() }
}

fn optional<T>(key: &'static str, sourced: &Option<Sourced<T>>, show: impl Fn(&T) -> String) -> Entry {
    match sourced {
        Some(sourced) => entry(key, sourced, show),
        None => Entry { key, value: None, origin: Origin::Default.to_string() },
    }
}

/// One rule of `[backup.keep]`, each from a key of its own.
fn kept(key: &'static str, keep: &Sourced<KeepToml>, rule: impl Fn(&KeepToml) -> Option<String>) -> Entry {
    let value = rule(&keep.value);
    let origin = match (&value, &keep.origin) {
        (Some(_), Origin::ProjectToml { file, .. }) => {
            Origin::ProjectToml { file: file.clone(), key: key.to_owned() }
        }
        (Some(_), other) => other.clone(),
        (None, _) => Origin::Default,
    };
    Entry { key, value, origin: origin.to_string() }
}

fn variable(key: &'static str, name: &str, value: Option<String>) -> Entry {
    let origin = if value.is_some() { Origin::Env(name.to_owned()) } else { Origin::Default };
    Entry { key, value, origin: origin.to_string() }
}
