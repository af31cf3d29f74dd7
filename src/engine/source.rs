//! What a schema can be taken from, as people type it: one type, one parser, everywhere. It reads nothing: what lies at a path
//! is asked of whoever calls.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::pg::url::{DatabaseUrl, UrlError};

/// Where a schema comes from. Its `Display` shows no password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The project's migrations, replayed.
    Migrations,
    /// Another migrations folder, replayed.
    Folder(PathBuf),
    /// A .sql file, or a folder of them, loaded in any order.
    Files(PathBuf),
    /// A live database.
    Url(DatabaseUrl),
    /// The live database of an environment.
    Env(String),
    /// A backup: its id, the beginning or end of it, its label, or `latest`.
    Backup(String),
    /// Nothing.
    Empty,
}

/// What lies at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lies {
    /// A file.
    File,
    /// A folder with folders that hold an up.sql.
    MigrationsFolder,
    /// A folder with .sql files, in it or below it.
    SqlFolder,
    /// A folder that is both.
    Both,
    /// A folder with nothing of either.
    Neither,
    /// Nothing.
    Nothing,
}

/// What a SOURCE may be, for whoever has to be told.
pub const FORMS: &str = "`migrations`, a migrations folder, a .sql file or a folder of them, `postgres://…`, `env:NAME`, `backup:ID` or `empty`";

/// Why a text is no source.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// Nothing was given.
    #[error("an empty text is no source")]
    Blank,
    /// `env:` or `backup:` and nothing after it.
    #[error("`{0}` lacks a name after its colon")]
    Nameless(String),
    /// A URL that cannot be read.
    #[error("the source is a URL that cannot be read: {0}")]
    Url(#[from] UrlError),
    /// There is no such path.
    #[error("there is no file and no folder `{}`", .0.display())]
    Missing(PathBuf),
    /// The folder could be two things.
    #[error(
        "the folder `{}` holds both migrations (folders with an up.sql) and .sql files of its own: which of the two is meant?",
        .0.display()
    )]
    Ambiguous(PathBuf),
    /// The folder holds neither.
    #[error("the folder `{}` holds neither migrations (folders with an up.sql) nor .sql files", .0.display())]
    Neither(PathBuf),
    /// It cannot be looked at.
    #[error("cannot look at `{}`", path.display())]
    Io {
        /// What.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
}

impl Source {
    /// Read what was typed. A path is taken from `directory`; `lies` says what is there. A file that is called like a word
    /// (`empty`) is meant by `./empty`.
    ///
    /// # Errors
    /// See `SourceError`.
    pub fn parse(
        text: &str,
        directory: &Path,
        lies: impl FnOnce(&Path) -> std::io::Result<Lies>,
    ) -> Result<Self, SourceError> {
        let text = text.trim();
        let named = |name: &str| match name.trim() {
            "" => Err(SourceError::Nameless(text.to_owned())),
            name => Ok(name.to_owned()),
        };
        match text {
            "" => return Err(SourceError::Blank),
            "migrations" => return Ok(Self::Migrations),
            "empty" => return Ok(Self::Empty),
            _ => {}
        }
        if let Some(name) = text.strip_prefix("env:") {
            return named(name).map(Self::Env);
        }
        if let Some(id) = text.strip_prefix("backup:") {
            return named(id).map(Self::Backup);
        }
        // Another scheme is for the URL's own error to explain, which quotes no password.
        if text.contains("://") {
            return Ok(Self::Url(DatabaseUrl::parse(text)?));
        }
        let path = directory.join(text);
        match lies(&path) {
            Err(source) => Err(SourceError::Io { path, source }),
            Ok(Lies::File | Lies::SqlFolder) => Ok(Self::Files(path)),
            Ok(Lies::MigrationsFolder) => Ok(Self::Folder(path)),
            Ok(Lies::Both) => Err(SourceError::Ambiguous(path)),
            Ok(Lies::Neither) => Err(SourceError::Neither(path)),
            Ok(Lies::Nothing) => Err(SourceError::Missing(path)),
        }
    }

    /// Whether it is a database that exists already.
    pub fn is_live(&self) -> bool {
        matches!(self, Self::Url(_) | Self::Env(_))
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Migrations => f.write_str("migrations"),
            Self::Folder(path) | Self::Files(path) => write!(f, "{}", path.display()),
            Self::Url(url) => url.fmt(f),
            Self::Env(name) => write!(f, "env:{name}"),
            Self::Backup(id) => write!(f, "backup:{id}"),
            Self::Empty => f.write_str("empty"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str, lies: Lies) -> Result<Source, SourceError> {
        Source::parse(text, Path::new("/project"), |_| Ok(lies))
    }

    #[test]
    fn every_form_is_told_apart() {
        let check = |text: &str, lies, source: Source, shown: &str| {
            let found = parsed(text, lies).unwrap();
            assert_eq!(found, source, "{text}");
            assert_eq!(found.to_string(), shown, "{text}");
        };
        let url = |text: &str| Source::Url(DatabaseUrl::parse(text).unwrap());
        check("migrations", Lies::Nothing, Source::Migrations, "migrations");
        check(" empty ", Lies::Nothing, Source::Empty, "empty");
        check("env:staging", Lies::Nothing, Source::Env("staging".into()), "env:staging");
        check("backup:latest", Lies::Nothing, Source::Backup("latest".into()), "backup:latest");
        check("schema.sql", Lies::File, Source::Files("/project/schema.sql".into()), "/project/schema.sql");
        check("./empty", Lies::SqlFolder, Source::Files("/project/./empty".into()), "/project/./empty");
        check("/db", Lies::MigrationsFolder, Source::Folder("/db".into()), "/db");
        let given = "postgres://app:hunter2@db/shop";
        check(given, Lies::Nothing, url(given), "postgres://app:****@db/shop");
        check("postgresql://db/shop", Lies::Nothing, url("postgresql://db/shop"), "postgres://db/shop");
    }

    #[test]
    fn what_is_no_source_says_why_and_shows_no_password() {
        let check = |text: &str, lies, says: &str| {
            let error = parsed(text, lies).unwrap_err().to_string();
            assert!(error.contains(says) && !error.contains("hunter2"), "{error}");
        };
        check("", Lies::Nothing, "an empty text");
        check("env: ", Lies::Nothing, "lacks a name");
        check("backup:", Lies::Nothing, "lacks a name");
        check("shcema.sql", Lies::Nothing, "there is no file and no folder `/project/shcema.sql`");
        check("db", Lies::Both, "which of the two");
        check("db", Lies::Neither, "neither migrations");
        check("mysql://app:hunter2@db/shop", Lies::Nothing, "cannot be read");
    }
}
