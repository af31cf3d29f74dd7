//! Which database, which way around its pooler, which shadow: from flags, variables and the environment's section.

use super::ConfigError;
use super::layers::Layers;
use super::libpq::{self, Gives};
use super::origin::{Layer, Origin, Sourced};
use super::project_toml::{CommandLine, EnvironmentToml, RawUrl};
use crate::pg::secret::Secret;
use crate::pg::url::DatabaseUrl;

/// Where the database's address comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// It is known.
    Url(DatabaseUrl),
    /// A command prints it: run it only when the database is needed.
    Command(CommandLine),
    /// The project's own development server.
    DevCluster,
}

impl Target {
    /// The address, if it is known without running anything.
    pub(crate) fn url(&self) -> Option<&DatabaseUrl> {
        match self {
            Self::Url(url) => Some(url),
            Self::Command(_) | Self::DevCluster => None,
        }
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Url(url) => url.fmt(f),
            Self::Command(_) => f.write_str("what a command prints"),
            Self::DevCluster => f.write_str("the dev cluster"),
        }
    }
}

/// The three of them, and how strongly the database was stated.
pub(super) struct Databases {
    pub(super) database: Option<Sourced<Target>>,
    pub(super) layer: Layer,
    pub(super) direct: Option<Sourced<DatabaseUrl>>,
    pub(super) shadow: Option<Sourced<DatabaseUrl>>,
    /// The admin console of the PgBouncer before it.
    pub(super) pgbouncer: Option<Sourced<DatabaseUrl>>,
}

/// Variables that hold a database URL.
pub(super) const URL_VARIABLES: [&str; 5] =
    ["DATABASE_URL", "DIRECT_URL", "DIRECT_DATABASE_URL", "SHADOW_DATABASE_URL", "PGBOUNCER_ADMIN_URL"];

type Found<T> = Option<(Layer, Sourced<T>)>;

/// Find all three.
pub(super) fn find(
    layers: &Layers<'_>,
    ci: bool,
    warnings: &mut Vec<String>,
) -> Result<Databases, ConfigError> {
    let shadow =
        url(layers, &["SHADOW_DATABASE_URL"], "shadow_url", |section| section.shadow_url.as_ref(), warnings)?;
    let shadow = shadow.map(|(_, url)| url);
    let pgbouncer = url(
        layers,
        &["PGBOUNCER_ADMIN_URL"],
        "pgbouncer_url",
        |section| section.pgbouncer_url.as_ref(),
        warnings,
    )?;
    if layers.args.dev {
        let database = Some(Sourced::new(Target::DevCluster, Origin::Flag("--dev")));
        return Ok(Databases { database, layer: Layer::Flag, direct: None, shadow, pgbouncer: None });
    }
    let main = main(layers, warnings)?;
    let layer = main.as_ref().map_or(Layer::Default, |(layer, _)| *layer);
    // As with the way around it: a console that was named in a weaker place pauses another server's pools.
    let pgbouncer = pgbouncer.filter(|(stated, _)| *stated <= layer).map(|(_, url)| url);
    // The way around the pooler must lead to the same database: one that was stated in a weaker place than the
    // database itself belongs to another, and DDL must not go there.
    let direct = if layer == Layer::Flag { None } else { direct(layers, layer, warnings)? };
    let database = match (main, &direct) {
        (Some((_, database)), _) => Some(database),
        (None, Some(direct)) => Some(direct.clone().map(Target::Url)),
        (None, None) if ci => None,
        (None, None) => Some(Sourced::new(Target::DevCluster, Origin::DevCluster)),
    };
    Ok(Databases { database, layer, direct, shadow, pgbouncer })
}

fn main(layers: &Layers<'_>, warnings: &mut Vec<String>) -> Result<Found<Target>, ConfigError> {
    if let Some(text) = &layers.args.database_url {
        let text = Sourced::new(text.clone(), Origin::Flag("--database-url"));
        let url = read(layers, text, Gives::All, warnings)?;
        return Ok(Some((Layer::Flag, url.map(Target::Url))));
    }
    let command = layers.section().and_then(|(named, section)| {
        let key = format!("environments.{}.url_command", named.name.value);
        Some((named.layer, Sourced::new(section.url_command.clone()?, layers.project_key(&key))))
    });
    if let Some((_, command)) = &command
        && layers.section().is_some_and(|(_, section)| section.url.is_some())
    {
        return Err(ConfigError::Exclusive { origin: command.origin.clone(), other: "url" });
    }
    let stated = url(layers, &["DATABASE_URL"], "url", |section| section.url.as_ref(), warnings)?;
    Ok(match (stated, command) {
        (Some((layer, _)), Some((stronger, command))) if stronger < layer => {
            Some((stronger, command.map(Target::Command)))
        }
        (Some((layer, url)), _) => Some((layer, url.map(Target::Url))),
        (None, command) => command.map(|(layer, command)| (layer, command.map(Target::Command))),
    })
}

fn direct(
    layers: &Layers<'_>,
    database: Layer,
    warnings: &mut Vec<String>,
) -> Result<Option<Sourced<DatabaseUrl>>, ConfigError> {
    let names = ["DIRECT_URL", "DIRECT_DATABASE_URL"];
    let found = url(layers, &names, "direct_url", |section| section.direct_url.as_ref(), warnings)?;
    let Some((layer, direct)) = found else { return Ok(None) };
    if layer <= database {
        return Ok(Some(direct));
    }
    warnings.push(format!(
        "{} is not used: the database was stated in a stronger place, and the two may differ. State both in one place.",
        direct.origin
    ));
    Ok(None)
}

/// The strongest of some variables and one key of the environment's section, read.
fn url(
    layers: &Layers<'_>,
    variables: &[&str],
    key: &str,
    of: impl Fn(&EnvironmentToml) -> Option<&RawUrl>,
    warnings: &mut Vec<String>,
) -> Result<Found<DatabaseUrl>, ConfigError> {
    let mut best: Found<Secret> = None;
    for variable in variables {
        if let Some((layer, text)) = layers.variable(variable)? {
            let text = text.map(Secret::new);
            match &best {
                Some((stronger, kept)) if *stronger <= layer => {
                    if kept.value != text.value {
                        warnings
                            .push(format!("{} and {} differ; the first is used.", kept.origin, text.origin));
                    }
                }
                _ => best = Some((layer, text)),
            }
        }
    }
    let weaker = |layer: Layer| best.as_ref().is_none_or(|(found, _)| layer < *found);
    if let Some((named, section)) = layers.section()
        && weaker(named.layer)
        && let Some(raw) = of(section)
    {
        let by = layers.project_key(&format!("environments.{}.{key}", named.name.value));
        let text = match raw {
            RawUrl::Literal(text) => Some(Sourced::new(text.clone(), by)),
            RawUrl::Variable(variable) => match layers.variable(variable)? {
                Some((_, found)) => {
                    let origin = Origin::Named { by: Box::new(by), found: Box::new(found.origin) };
                    Some(Sourced::new(Secret::new(found.value), origin))
                }
                None if named.on_purpose() => {
                    return Err(ConfigError::VariableNotSet { variable: variable.clone(), by });
                }
                None => {
                    warnings.push(format!("{by} names `{variable}`, which is not set: it is left out."));
                    None
                }
            },
        };
        best = text.map(|text| (named.layer, text)).or(best);
    }
    let gives = match key {
        "url" | "direct_url" => Gives::All,
        _ => Gives::Credentials,
    };
    best.map(|(layer, text)| Ok((layer, read(layers, text, gives, warnings)?))).transpose()
}

fn read(
    layers: &Layers<'_>,
    text: Sourced<Secret>,
    gives: Gives,
    warnings: &mut Vec<String>,
) -> Result<Sourced<DatabaseUrl>, ConfigError> {
    let Sourced { value, origin } = text;
    match DatabaseUrl::parse(value.expose()) {
        Ok(url) => {
            warnings.extend(url.notes().iter().map(|note| format!("{origin}: {note}")));
            Ok(Sourced::new(libpq::complete(url, layers.environment, gives)?, origin))
        }
        Err(cause) => Err(ConfigError::Url { origin: Box::new(origin), cause: Box::new(cause) }),
    }
}

/// What makes the choice surprising: DATABASE_URL is set and empty, which hides a .env file; or nothing names a database, and
/// PGHOST or PGDATABASE seems to.
pub(super) fn unused(layers: &Layers<'_>, found: &Databases) -> Result<Option<String>, ConfigError> {
    let stated = |origin: &Origin| *origin != Origin::DevCluster;
    let database = found.database.as_ref();
    if layers.environment.is_emptied("DATABASE_URL")
        && database.is_none_or(|it| it.origin != Origin::Flag("--database-url"))
    {
        return Ok(Some("`DATABASE_URL` in the environment is empty".to_owned()));
    }
    let mut set = Vec::new();
    for name in ["PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGSERVICE"] {
        if layers.environment.text(name)?.is_some_and(|value| !value.is_empty()) {
            set.push(format!("`{name}`"));
        }
    }
    if set.is_empty() || database.is_some_and(|it| stated(&it.origin)) {
        return Ok(None);
    }
    let verb = if set.len() == 1 { "is" } else { "are" };
    Ok(Some(format!("{} {verb} not used without a URL", set.join(", "))))
}

/// Passwords that stand in pgkeel.toml, which is committed.
pub(super) fn warn_of_literal_passwords(layers: &Layers<'_>, warnings: &mut Vec<String>) {
    for (name, section) in &layers.project.content.environments {
        let urls = [
            ("url", &section.url),
            ("direct_url", &section.direct_url),
            ("shadow_url", &section.shadow_url),
            ("pgbouncer_url", &section.pgbouncer_url),
        ];
        for (key, raw) in urls {
            let Some(RawUrl::Literal(text)) = raw else { continue };
            if DatabaseUrl::parse(text.expose()).is_ok_and(|url| url.password().is_some()) {
                let key = layers.project_key(&format!("environments.{name}.{key}"));
                warnings.push(format!(
                    "{key} holds a password, and the file is committed. Put the URL into a variable and write \
                     `\"env:NAME\"`."
                ));
            }
        }
    }
}
