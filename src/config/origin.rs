//! Where a value comes from, in words for people, and how strong that place is.

use std::fmt;
use std::path::{Path, PathBuf};

/// A value and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Where it comes from.
    pub origin: Origin,
}

/// Where a value comes from. Files are named as seen from the project's root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A flag of this run, such as `--database-url`.
    Flag(&'static str),
    /// A variable of the real environment.
    Env(String),
    /// A variable in a .env file.
    DotEnv {
        /// The file.
        file: PathBuf,
        /// The variable.
        name: String,
    },
    /// A key in pgkeel.toml, with its sections: `deploy.role`.
    ProjectToml {
        /// The file.
        file: PathBuf,
        /// The key.
        key: String,
    },
    /// A key in diesel.toml.
    DieselToml {
        /// The file.
        file: PathBuf,
        /// The key.
        key: String,
    },
    /// A variable that a key in pgkeel.toml names (`url = "env:STAGING_URL"`).
    Named {
        /// The key that names it.
        by: Box<Origin>,
        /// Where the variable is.
        found: Box<Origin>,
    },
    /// A parameter of a database URL (`connection_limit`).
    UrlParameter {
        /// The parameter.
        name: &'static str,
        /// Where the URL comes from.
        url: Box<Origin>,
    },
    /// Nothing is configured: the project's own development server.
    DevCluster,
    /// Nobody said anything.
    Default,
}

/// How strong the place of a value is; the smaller, the stronger. An environment that somebody names
/// (`--env staging`, `PGKEEL_ENV=staging`) lends its settings in pgkeel.toml the strength of that naming: whoever asks
/// for staging must not get the `DATABASE_URL` that a .env file holds for development.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Layer {
    /// A flag.
    Flag,
    /// pgkeel.toml, in the environment that `--env` names.
    EnvironmentOfFlag,
    /// The real environment.
    Environment,
    /// pgkeel.toml, in the environment that `PGKEEL_ENV` of the real environment names.
    EnvironmentOfVariable,
    /// A .env file, counted from the strongest.
    DotEnv(usize),
    /// pgkeel.toml.
    ProjectToml,
    /// Nobody said anything.
    Default,
}

impl<T> Sourced<T> {
    /// A value with its origin.
    pub(crate) fn new(value: T, origin: Origin) -> Self {
        Self { value, origin }
    }

    /// A value that nobody stated.
    pub(crate) fn default_of(value: T) -> Self {
        Self::new(value, Origin::Default)
    }

    /// Another value from the same place.
    pub(crate) fn map<U>(self, f: impl FnOnce(T) -> U) -> Sourced<U> {
        Sourced::new(f(self.value), self.origin)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "`{flag}`"),
            Self::Env(name) => write!(f, "`{name}` in the environment"),
            Self::DotEnv { file, name } => write!(f, "`{name}` in {}", file.display()),
            Self::ProjectToml { file, key } | Self::DieselToml { file, key } => {
                write!(f, "`{key}` in {}", file.display())
            }
            Self::Named { by, found } => write!(f, "{found}, named by {by}"),
            Self::UrlParameter { name, url } => write!(f, "`{name}` in the URL of {url}"),
            Self::DevCluster => write!(f, "the dev cluster, because nothing is configured"),
            Self::Default => write!(f, "default"),
        }
    }
}

/// A file as seen from the project's root: `.env.local`, `../.env`; absolute where that says nothing.
pub(super) fn shown(file: &Path, root: &Path) -> PathBuf {
    for (up, folder) in root.ancestors().enumerate().take(8) {
        // The file system's root is an ancestor of everything: `../../../etc` helps nobody.
        if let (Ok(rest), true) = (file.strip_prefix(folder), folder.parent().is_some() || up == 0) {
            return std::iter::repeat_n("..", up).collect::<PathBuf>().join(rest);
        }
    }
    file.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(file: &str, expected: &str) {
        assert_eq!(shown(Path::new(file), Path::new("/home/ann/shop/db")), Path::new(expected));
    }

    #[test]
    fn files_are_named_as_seen_from_the_root() {
        check("/home/ann/shop/db/.env.local", ".env.local");
        check("/home/ann/shop/db/ci/pgkeel.toml", "ci/pgkeel.toml");
        check("/home/ann/shop/.env", "../.env");
        check("/etc/pgkeel.toml", "/etc/pgkeel.toml");
    }

    #[test]
    fn an_origin_reads_as_part_of_a_sentence() {
        let found = Origin::DotEnv { file: ".env.local".into(), name: "STAGING_URL".into() };
        assert_eq!(found.to_string(), "`STAGING_URL` in .env.local");
        let by = Origin::ProjectToml { file: "pgkeel.toml".into(), key: "environments.staging.url".into() };
        assert_eq!(
            Origin::Named { by: Box::new(by), found: Box::new(found) }.to_string(),
            "`STAGING_URL` in .env.local, named by `environments.staging.url` in pgkeel.toml"
        );
    }

    #[test]
    fn layers_are_ordered_from_flag_to_default() {
        assert!(Layer::Flag < Layer::EnvironmentOfFlag && Layer::EnvironmentOfFlag < Layer::Environment);
        assert!(Layer::EnvironmentOfVariable < Layer::DotEnv(0) && Layer::DotEnv(0) < Layer::DotEnv(3));
        assert!(Layer::DotEnv(9) < Layer::ProjectToml && Layer::ProjectToml < Layer::Default);
    }
}
