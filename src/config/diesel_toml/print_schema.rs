//! `[print_schema]` of diesel.toml and its sections, key by key (diesel.rs, "Configuring Diesel CLI"). An unknown key is a
//! warning: the file is Diesel's.

use std::path::{Path, PathBuf};

use regex::Regex;
use toml::{Table, Value};

use crate::config::error::ConfigError;
use crate::config::{Config, Origin};

/// One schema.rs that diesel.toml asks for.
#[derive(Debug, Clone, Default)]
pub(crate) struct PrintSchema {
    /// The section below `[print_schema]`; `None` is that one itself.
    pub section: Option<String>,
    /// Where the text goes. Absolute.
    pub file: Option<PathBuf>,
    /// `schema`.
    pub schema: Option<String>,
    /// `with_docs`.
    pub docs: Docs,
    /// `filter`.
    pub filter: Filter,
    /// `column_sorting`.
    pub sorting: Sorting,
    /// `import_types`.
    pub import_types: Vec<String>,
    /// `custom_type_derives`.
    pub derives: Vec<String>,
    /// `generate_missing_sql_type_definitions = false`.
    pub without_types: bool,
    /// `except_custom_type_definitions`.
    pub except_types: Vec<Regex>,
    /// `pg_domains_as_custom_types`.
    pub domains: Vec<Regex>,
    /// `allow_tables_to_appear_in_same_query_config`.
    pub same_query: SameQuery,
    /// `patch_file`. Absolute.
    pub patch: Option<PathBuf>,
}

/// `with_docs`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Docs {
    #[default]
    None,
    Comments,
    CommentsOrGenerated,
}

/// `filter`.
#[derive(Debug, Clone, Default)]
pub(crate) enum Filter {
    #[default]
    All,
    Only(Vec<Regex>),
    Except(Vec<Regex>),
}

/// `column_sorting`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Sorting {
    #[default]
    Position,
    Name,
}

/// `allow_tables_to_appear_in_same_query_config`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum SameQuery {
    #[default]
    All,
    Related,
    None,
}

impl PrintSchema {
    /// What Diesel's `--schema-key` calls it.
    pub(crate) fn key(&self) -> &str {
        self.section.as_deref().unwrap_or("default")
    }
}

impl Config {
    /// What diesel.toml asks for, sorted as Diesel does it: by section, where `[print_schema]` itself, if it says anything
    /// or is alone, is `default`. And warnings.
    ///
    /// # Errors
    /// A value that is none for its key.
    pub(crate) fn print_schemas(&self) -> Result<(Vec<PrintSchema>, Vec<String>), ConfigError> {
        let (file, table) = &self.print_schema;
        let mut reader = Reader { root: &self.root, file, warnings: Vec::new() };
        let (mut own, mut sections): (Table, Vec<(&String, &Table)>) = (Table::new(), Vec::new());
        for (key, value) in table {
            match value {
                Value::Table(section) if key != "filter" => sections.push((key, section)),
                value => drop(own.insert(key.clone(), value.clone())),
            }
        }
        let mut all = Vec::new();
        if !own.is_empty() || sections.is_empty() {
            all.push(reader.section(None, &own)?);
        }
        for (name, section) in sections {
            all.push(reader.section(Some(name), section)?);
        }
        all.sort_by(|a, b| a.key().cmp(b.key()));
        Ok((all, reader.warnings))
    }
}

struct Reader<'a> {
    root: &'a Path,
    file: &'a Path,
    warnings: Vec<String>,
}

impl Reader<'_> {
    fn section(&mut self, name: Option<&str>, table: &Table) -> Result<PrintSchema, ConfigError> {
        let mut print = PrintSchema { section: name.map(str::to_owned), ..PrintSchema::default() };
        for (key, value) in table {
            let path = name.map_or_else(|| key.clone(), |name| format!("{name}.{key}"));
            let at = At { file: self.file, key: format!("print_schema.{path}"), value };
            match key.as_str() {
                "file" => print.file = Some(self.root.join(at.string("a path")?)),
                "patch_file" => print.patch = Some(self.root.join(at.string("a path")?)),
                "schema" => print.schema = Some(at.string("the name of a schema")?.to_owned()),
                "with_docs" => print.docs = at.docs()?,
                "filter" => print.filter = at.filter()?,
                "column_sorting" => {
                    print.sorting = at.one_of(
                        "`ordinal_position` or `name`",
                        &[("ordinal_position", Sorting::Position), ("name", Sorting::Name)],
                    )?;
                }
                "import_types" => print.import_types = at.strings()?,
                "custom_type_derives" => print.derives = at.strings()?,
                "generate_missing_sql_type_definitions" => {
                    print.without_types = !value.as_bool().ok_or_else(|| at.wrong("`true` or `false`"))?;
                }
                "except_custom_type_definitions" => print.except_types = at.patterns()?,
                "pg_domains_as_custom_types" => print.domains = at.patterns()?,
                "allow_tables_to_appear_in_same_query_config" => {
                    print.same_query = at.one_of(
                        "`all_tables`, `fk_related_tables` or `none`",
                        &[
                            ("all_tables", SameQuery::All),
                            ("fk_related_tables", SameQuery::Related),
                            ("none", SameQuery::None),
                        ],
                    )?;
                }
                // It says something about SQLite alone.
                "sqlite_integer_primary_key_is_bigint" => {}
                _ => self.warnings.push(format!(
                    "{}: `print_schema.{path}` is no key that pgkeel knows: it changes nothing here",
                    self.file.display()
                )),
            }
        }
        Ok(print)
    }
}

/// The last line of what regex says, which shows the pattern before.
fn reason(said: &str) -> String {
    let last = said.lines().last().unwrap_or_default();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}

/// A value with its place.
struct At<'a> {
    file: &'a Path,
    key: String,
    value: &'a Value,
}

impl At<'_> {
    fn origin(&self) -> Origin {
        Origin::DieselToml { file: self.file.to_owned(), key: self.key.clone() }
    }

    fn wrong(&self, expected: &'static str) -> ConfigError {
        let found = match self.value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        ConfigError::Value { origin: self.origin(), expected, found }
    }

    fn string(&self, expected: &'static str) -> Result<&str, ConfigError> {
        self.value.as_str().ok_or_else(|| self.wrong(expected))
    }

    fn strings(&self) -> Result<Vec<String>, ConfigError> {
        let list = self.value.as_array().ok_or_else(|| self.wrong("a list of strings"))?;
        let one = |value: &Value| value.as_str().map(str::to_owned);
        list.iter().map(one).collect::<Option<_>>().ok_or_else(|| self.wrong("a list of strings"))
    }

    fn patterns(&self) -> Result<Vec<Regex>, ConfigError> {
        let compile = |pattern: String| {
            Regex::new(&pattern).map_err(|error| ConfigError::Pattern {
                origin: self.origin(),
                why: reason(&error.to_string()),
                pattern,
            })
        };
        self.strings()?.into_iter().map(compile).collect()
    }

    fn one_of<T: Copy>(&self, expected: &'static str, known: &[(&str, T)]) -> Result<T, ConfigError> {
        let text = self.string(expected)?;
        let found = known.iter().find(|(word, _)| *word == text);
        found.map(|(_, value)| *value).ok_or_else(|| self.wrong(expected))
    }

    fn docs(&self) -> Result<Docs, ConfigError> {
        const FALLBACK: &str = "database-comments-fallback-to-auto-generated-doc-comment";
        match self.value {
            Value::Boolean(true) => Ok(Docs::CommentsOrGenerated),
            Value::Boolean(false) => Ok(Docs::None),
            _ => self.one_of(
                "`true`, `false`, `database-comments-fallback-to-auto-generated-doc-comment`, `only-database-comments` or \
                 `no-doc-comments`",
                &[
                    (FALLBACK, Docs::CommentsOrGenerated),
                    ("only-database-comments", Docs::Comments),
                    ("no-doc-comments", Docs::None),
                ],
            ),
        }
    }

    fn filter(&self) -> Result<Filter, ConfigError> {
        const EXPECTED: &str = "a table with one of the keys `only_tables` and `except_tables`";
        let table =
            self.value.as_table().filter(|table| table.len() == 1).ok_or_else(|| self.wrong(EXPECTED))?;
        let (name, value) = table.iter().next().ok_or_else(|| self.wrong(EXPECTED))?;
        let below = At { file: self.file, key: format!("{}.{name}", self.key), value };
        match name.as_str() {
            "only_tables" => Ok(Filter::Only(below.patterns()?)),
            "except_tables" => Ok(Filter::Except(below.patterns()?)),
            _ => Err(self.wrong(EXPECTED)),
        }
    }
}
