//! What `[print_schema]` of diesel.toml can ask for, as values. It reads no file.

use regex::Regex;

/// One schema.rs.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// PostgreSQL's schema; `None` is `public`, without a module around the tables.
    pub schema: Option<String>,
    /// Which comments are written.
    pub docs: Docs,
    /// Which tables are written.
    pub filter: Filter,
    /// The order of columns.
    pub sorting: Sorting,
    /// What each table imports; empty: `diesel::sql_types::*` where it needs more than that.
    pub import_types: Vec<String>,
    /// What the types of `sql_types` derive, besides `SqlType`.
    pub derives: Vec<String>,
    /// `generate_missing_sql_type_definitions = false`.
    pub without_types: bool,
    /// Rust names of types that the user defines.
    pub except_types: Vec<Regex>,
    /// Names of domains that get a type of their own.
    pub domains: Vec<Regex>,
    /// Which tables may appear in one query.
    pub same_query: SameQuery,
    /// A unified diff that is applied to the text.
    pub patch: Option<String>,
}

/// `with_docs`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Docs {
    /// None.
    #[default]
    None,
    /// The database's comments.
    Comments,
    /// The database's comments, else a sentence.
    CommentsOrGenerated,
}

/// `filter`: patterns that fit anywhere in a table's name.
#[derive(Debug, Clone, Default)]
pub enum Filter {
    /// All tables.
    #[default]
    All,
    /// Those that one of the patterns fits.
    Only(Vec<Regex>),
    /// Those that none fits.
    Except(Vec<Regex>),
}

/// `column_sorting`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sorting {
    /// As in the table.
    #[default]
    Position,
    /// By SQL name.
    Name,
}

/// `allow_tables_to_appear_in_same_query_config`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SameQuery {
    /// All with all.
    #[default]
    All,
    /// Those that foreign keys join, directly or not.
    Related,
    /// No line at all.
    None,
}

impl Settings {
    /// The schema whose tables are written.
    pub(super) fn of_schema(&self) -> &str {
        self.schema.as_deref().unwrap_or(PUBLIC)
    }

    /// The schema that has a module around its tables.
    pub(super) fn module(&self) -> Option<&str> {
        self.schema.as_deref()
    }
}

/// The schema that goes without saying.
pub(super) const PUBLIC: &str = "public";

impl Filter {
    pub(super) fn takes(&self, table: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(patterns) => any(patterns, table),
            Self::Except(patterns) => !any(patterns, table),
        }
    }
}

pub(super) fn any(patterns: &[Regex], text: &str) -> bool {
    patterns.iter().any(|pattern| pattern.is_match(text))
}
