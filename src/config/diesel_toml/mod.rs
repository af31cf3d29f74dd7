//! diesel.toml: Diesel's file, of which we honour what concerns us and tolerate the rest.

mod print_schema;

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::error::ConfigError;
use super::project_toml::parse;
pub(crate) use print_schema::{Docs, Filter, PrintSchema, SameQuery, Sorting};

/// What we take from diesel.toml.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct DieselToml {
    /// `[migrations_directory]`.
    pub migrations_directory: Option<MigrationsDirectory>,
    /// `[print_schema]`, read where it is needed: what is wrong in it must not stop a deploy.
    #[serde(default)]
    pub print_schema: toml::Table,
}

/// `[migrations_directory]`.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct MigrationsDirectory {
    /// Relative to the file's folder.
    pub dir: PathBuf,
}

impl DieselToml {
    /// Read a text; `file` is its name in errors.
    pub(super) fn parse(text: &str, file: &Path) -> Result<Self, ConfigError> {
        parse(text, file)
    }
}
