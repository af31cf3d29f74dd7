//! From layers to one [`Config`]: which value wins, and the defaults.

use std::path::PathBuf;
use std::time::Duration;

use super::database::{self, Databases, URL_VARIABLES};
use super::layers::Layers;
use super::naming;
use super::origin::{Layer, Origin, Sourced};
use super::project_toml::RawUrl;
use super::sections::{BackupFirst, KeepToml};
use super::surroundings::Surroundings;
use super::{
    Answers, BackupConfig, Config, ConfigError, DeployConfig, DriftConfig, Pool, Protection, SeedConfig,
};
use crate::pg::url::{DatabaseUrl, PoolTimeout};

/// Decide.
pub(super) fn resolve(layers: &Layers<'_>) -> Result<Config, ConfigError> {
    let surroundings = Surroundings::read(layers.args, layers.environment)?;
    let mut warnings = disagreements(layers)?;
    let databases = database::find(layers, surroundings.ci, &mut warnings)?;
    database::warn_of_literal_passwords(layers, &mut warnings);
    let unused = database::unused(layers, &databases)?;
    let project = &layers.project.content;
    let args = layers.args;
    Ok(Config {
        root: layers.root.clone(),
        directory: layers.start.clone(),
        environment: layers.named.as_ref().map(|named| named.name.clone()),
        protected: protected(layers),
        allow_reset: allow_reset(layers),
        pool: pool(layers, &databases)?,
        schema: path(layers, "schema", &project.schema, "schema.sql"),
        migrations: migrations(layers),
        bookkeeping_schema: value(
            layers,
            "bookkeeping_schema",
            &project.bookkeeping_schema,
            "pgkeel".to_owned(),
        ),
        trusted_owners: layers.in_project("trusted_owners", project.trusted_owners.clone()),
        deploy: deploy(layers),
        backup: backup(layers, databases.pgbouncer),
        drift: drift(layers),
        seed: seed(layers),
        print_schema: (layers.diesel.shown.clone(), layers.diesel.content.print_schema.clone()),
        answers: Answers {
            yes: args.yes,
            confirm: args.confirm.clone(),
            json: args.json,
            quiet: args.quiet,
            verbose: args.verbose,
            place: args.place(),
        },
        surroundings,
        environments: project.environments.keys().cloned().collect(),
        args: args.clone(),
        unused,
        database: databases.database,
        direct: databases.direct,
        shadow: databases.shadow,
        warnings,
    })
}

fn value<T: Clone>(layers: &Layers<'_>, key: &str, stated: &Option<T>, default: T) -> Sourced<T> {
    layers.in_project(key, stated.clone()).unwrap_or_else(|| Sourced::default_of(default))
}

fn path(layers: &Layers<'_>, key: &str, stated: &Option<PathBuf>, default: &str) -> Sourced<PathBuf> {
    value(layers, key, stated, PathBuf::from(default)).map(|path| layers.root.join(path))
}

/// `[backup.keep]`, where it says anything.
fn stated(keep: &KeepToml) -> Option<KeepToml> {
    (*keep != KeepToml::default()).then(|| keep.clone())
}

fn migrations(layers: &Layers<'_>) -> Sourced<PathBuf> {
    let by_diesel = layers.diesel.content.migrations_directory.as_ref().map(|section| {
        let key = "migrations_directory.dir".to_owned();
        Sourced::new(section.dir.clone(), Origin::DieselToml { file: layers.diesel.shown.clone(), key })
    });
    layers
        .in_project("migrations", layers.project.content.migrations.clone())
        .or(by_diesel)
        .unwrap_or_else(|| Sourced::default_of(PathBuf::from("migrations")))
        .map(|path| layers.root.join(path))
}

/// Facts may only raise one another: `protected = false` does not make a production of that name less of one.
fn protected(layers: &Layers<'_>) -> Option<Sourced<Protection>> {
    let named = layers.named.as_ref()?;
    if layers.section().is_some_and(|(_, section)| section.protected == Some(true)) {
        let key = layers.project_key(&format!("environments.{}.protected", named.name.value));
        return Some(Sourced::new(Protection::Stated, key));
    }
    let name = named.name.value.to_ascii_lowercase();
    let production = name.starts_with("prod") || name == "live";
    production.then(|| named.name.clone().map(Protection::Name))
}

/// A `false` anywhere wins: naming another environment with a flag must not pass it.
fn allow_reset(layers: &Layers<'_>) -> Sourced<bool> {
    let in_section = layers.section().and_then(|(named, section)| {
        layers.in_project(&format!("environments.{}.allow_reset", named.name.value), section.allow_reset)
    });
    let at_the_top = layers.in_project("allow_reset", layers.project.content.allow_reset);
    let stated = [at_the_top, in_section];
    let refused = stated.iter().flatten().find(|allow| !allow.value);
    refused.or(stated.iter().flatten().next()).cloned().unwrap_or_else(|| Sourced::default_of(true))
}

fn deploy(layers: &Layers<'_>) -> DeployConfig {
    let section = &layers.project.content.deploy;
    DeployConfig {
        role: layers.in_project("deploy.role", section.role.clone()),
        lock_timeout: value(layers, "deploy.lock_timeout", &section.lock_timeout, Duration::from_millis(500)),
        lock_wait: layers.in_project("deploy.lock_wait", section.lock_wait),
        wait: layers.in_project("deploy.wait", section.wait),
        backup: value(layers, "deploy.backup", &section.backup, BackupFirst::Auto),
        backup_budget: value(
            layers,
            "deploy.backup_budget",
            &section.backup_budget,
            Duration::from_secs(600),
        ),
    }
}

fn backup(layers: &Layers<'_>, pgbouncer: Option<Sourced<DatabaseUrl>>) -> BackupConfig {
    const DAY: Duration = Duration::from_secs(24 * 3600);
    let section = &layers.project.content.backup;
    BackupConfig {
        dir: path(layers, "backup.dir", &section.dir, "backups"),
        jobs: layers.in_project("backup.jobs", section.jobs),
        compression: value(layers, "backup.compression", &section.compression, "auto".to_owned()),
        recipients: value(layers, "backup.recipients", &section.recipients, Vec::new()),
        identity: layers
            .in_project("backup.identity", section.identity.clone())
            .map(|identity| identity.map(|path| layers.root.join(path))),
        quarantine: value(layers, "backup.quarantine", &section.quarantine, 7 * DAY),
        verify_every: value(layers, "backup.verify_every", &section.verify_every, 7 * DAY),
        keep: value(layers, "backup.keep", &stated(&section.keep), KeepToml::default()),
        pgbouncer,
    }
}

fn drift(layers: &Layers<'_>) -> DriftConfig {
    let section = &layers.project.content.drift;
    DriftConfig {
        ignore: value(layers, "drift.ignore", &section.ignore, Vec::new()),
        owners: value(layers, "drift.owners", &section.owners, false),
        privileges: value(layers, "drift.privileges", &section.privileges, true),
    }
}

fn seed(layers: &Layers<'_>) -> SeedConfig {
    let section = &layers.project.content.seed;
    let sets = layers.section().and_then(|(named, section)| {
        layers.in_project(&format!("environments.{}.seeds", named.name.value), section.seeds.clone())
    });
    SeedConfig {
        dir: path(layers, "seed.dir", &section.dir, "seeds"),
        sets,
        command: layers.in_project("seed.command", section.command.clone()),
        production: value(layers, "seed.production", &section.production, Vec::new()),
    }
}

fn pool(layers: &Layers<'_>, databases: &Databases) -> Result<Pool, ConfigError> {
    let section = &layers.project.content.pool;
    let url = databases.database.as_ref().and_then(|found| Some((found.value.url()?, &found.origin)));
    let by_url = |name| url.map(|(_, origin)| Origin::UrlParameter { name, url: Box::new(origin.clone()) });

    let by_project =
        |key, size: Option<u32>| layers.in_project(key, size).map(|size| (Layer::ProjectToml, size));
    let min = number(layers, "DATABASE_POOL_MIN", 0)?.or_else(|| by_project("pool.min", section.min));
    let min = min.map_or_else(|| Sourced::default_of(0), |(_, min)| min);

    let variable = number(layers, "DATABASE_POOL_MAX", 1)?;
    let limit = url.and_then(|(url, _)| url.connection_limit()).zip(by_url("connection_limit"));
    let limit = limit.map(|(limit, origin)| (databases.layer, Sourced::new(limit, origin)));
    // The stronger place wins; in one place, the variable that says nothing else.
    let max = [variable, limit, by_project("pool.max", section.max)]
        .into_iter()
        .flatten()
        .min_by_key(|(layer, _)| *layer)
        .map_or_else(|| Sourced::default_of(10), |(_, max)| max);
    if max.value == 0 {
        let found = max.value.to_string();
        return Err(ConfigError::Value { origin: max.origin, expected: "a number from 1 up", found });
    }
    if min.value > max.value {
        return Err(ConfigError::PoolLimits {
            min: min.value,
            min_origin: Box::new(min.origin),
            max: max.value,
            max_origin: Box::new(max.origin),
        });
    }
    let timeout = url.and_then(|(url, _)| url.pool_timeout()).zip(by_url("pool_timeout"));
    let timeout = timeout.map(|(timeout, origin)| Sourced::new(timeout, origin));
    let timeout = timeout.unwrap_or_else(|| Sourced::default_of(PoolTimeout::After(Duration::from_secs(10))));
    Ok(Pool { min, max, timeout })
}

fn number(layers: &Layers<'_>, name: &str, least: u32) -> Result<Option<(Layer, Sourced<u32>)>, ConfigError> {
    let Some((layer, Sourced { value, origin })) = layers.variable(name)? else { return Ok(None) };
    match value.trim().parse() {
        Ok(number) if number >= least => Ok(Some((layer, Sourced::new(number, origin)))),
        _ => {
            let expected = if least == 0 { "a number from 0 up" } else { "a number from 1 up" };
            Err(ConfigError::Value { origin, expected, found: value })
        }
    }
}

/// Variables that we use and that two .env files set differently. Where the real environment sets one, it is no matter.
fn disagreements(layers: &Layers<'_>) -> Result<Vec<String>, ConfigError> {
    let section =
        layers.section().map(|(_, section)| [&section.url, &section.direct_url, &section.shadow_url]);
    let mut urls = URL_VARIABLES.map(str::to_owned).to_vec();
    urls.extend(section.into_iter().flatten().filter_map(|raw| match raw {
        Some(RawUrl::Variable(name)) if !URL_VARIABLES.contains(&name.as_str()) => Some(name.clone()),
        _ => None,
    }));
    let numbers = ["DATABASE_POOL_MIN", "DATABASE_POOL_MAX"].map(str::to_owned);
    let mut warnings = Vec::new();
    for name in urls.iter().chain(&numbers).cloned().chain(naming::VARIABLES.map(str::to_owned)) {
        if layers.environment.text(&name)?.is_some() {
            continue;
        }
        warnings.extend(layers.dotenv.iter().filter_map(|file| file.content.twice(&name)));
        let names_environment = naming::VARIABLES.contains(&name.as_str());
        // One that cannot be expanded is an error where it is used.
        let values = layers.in_dotenv(&name).filter_map(Result::ok);
        let mut values = values.filter(|(_, found)| match &found.origin {
            Origin::DotEnv { file, .. } if names_environment => {
                naming::GENERAL_FILES.iter().any(|general| file.ends_with(general))
            }
            _ => true,
        });
        let Some((_, winner)) = values.next() else { continue };
        let show = |value: &str| if urls.contains(&name) { show_url(value) } else { format!("`{value}`") };
        for (_, loser) in values.filter(|(_, loser)| loser.value != winner.value) {
            let (used, unused) = (show(&winner.value), show(&loser.value));
            let but = if used == unused { " (they differ in what is not shown)" } else { "" };
            warnings.push(format!(
                "{} is used ({used}), and {} is not ({unused}): the files disagree{but}.",
                winner.origin, loser.origin
            ));
        }
    }
    Ok(warnings)
}

fn show_url(text: &str) -> String {
    match DatabaseUrl::parse(text) {
        Ok(url) => format!("`{url}`"),
        Err(_) if text.trim().is_empty() => "empty".to_owned(),
        Err(_) => "not readable as a database URL".to_owned(),
    }
}
