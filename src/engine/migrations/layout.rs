//! Says why a project has no migration that Diesel would read: the folder is missing, or another tool laid it out.
//! Reads names, and of one .sql file the beginning.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::folder::Folder;

/// Why there is no migration. An empty folder is none of these: `pgkeel init` makes one.
#[derive(Debug, thiserror::Error)]
pub enum NoMigrations {
    /// The folder does not exist.
    #[error("the migrations folder `{}`{named} does not exist", folder.display())]
    Absent {
        /// Where it should be.
        folder: PathBuf,
        /// Who names it, in brackets; empty for the default.
        named: String,
    },
    /// It is a symbolic link, and its target does not exist.
    #[error("the migrations folder `{}` is a symbolic link to `{}`, which does not exist", .0.display(), .1.display())]
    Dangling(PathBuf, PathBuf),
    /// It is a file.
    #[error("`{}` is a file, not a folder of migrations", .0.display())]
    File(PathBuf),
    /// It cannot be read.
    #[error("could not read the migrations folder: {0}")]
    Unread(#[from] std::io::Error),
    /// Another tool's migrations are there.
    #[error("{0}")]
    Foreign(Foreign),
}

/// Migrations that another tool laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    /// Where they are.
    pub folder: PathBuf,
    /// Which tools write them so.
    pub tools: &'static str,
    /// How many there are.
    pub count: usize,
    /// One of them.
    pub example: String,
}

impl std::fmt::Display for Foreign {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { folder, tools, count, example } = self;
        let folder = folder.display();
        match count {
            1 => write!(f, "`{folder}` holds a migration of {tools} (`{example}`)")?,
            n => write!(f, "`{folder}` holds {n} migrations of {tools} (such as `{example}`)")?,
        }
        f.write_str(", and none that pgkeel reads (`migrations/<version>_<name>/up.sql`)")
    }
}

/// Where other tools keep migrations by default, as seen from a project's root.
const ELSEWHERE: [&str; 14] = [
    "migrations",
    "prisma/migrations",
    "db/migrations",
    "db/migrate",
    "db/migration",
    "supabase/migrations",
    "drizzle",
    "drizzle/migrations",
    "src/main/resources/db/migration",
    "sql",
    "alembic/versions",
    "src/migrations",
    "priv/repo/migrations",
    "deploy",
];

impl Folder {
    /// Read the folder; an absent one is an error here, as is one that another tool laid out.
    ///
    /// # Errors
    /// `NoMigrations`; `root`: paths in it are as seen from there. `named`: who names the folder, in brackets.
    pub fn read_expected(path: &Path, root: &Path, named: &str) -> Result<Self, NoMigrations> {
        if path.is_file() {
            return Err(NoMigrations::File(path.strip_prefix(root).unwrap_or(path).to_owned()));
        }
        let folder = Self::read(path)?;
        match why_empty(&folder, root, named) {
            Some(why) => Err(why),
            None => Ok(folder),
        }
    }
}

/// Why a folder that was read holds no migration; `None` where it does, has findings of its own, or is simply empty.
fn why_empty(folder: &Folder, root: &Path, named: &str) -> Option<NoMigrations> {
    if !folder.migrations.is_empty() {
        return None;
    }
    let path = &folder.path;
    let shown = path.strip_prefix(root).unwrap_or(path).to_owned();
    if let Some(foreign) = foreign(path, &shown) {
        return Some(NoMigrations::Foreign(foreign));
    }
    if path.is_dir() {
        return None;
    }
    if let Ok(target) = path.read_link() {
        return Some(NoMigrations::Dangling(shown, target));
    }
    let other = ELSEWHERE.iter().find_map(|name| foreign(&root.join(name), Path::new(name)));
    Some(other.map_or(NoMigrations::Absent { folder: shown, named: named.to_owned() }, NoMigrations::Foreign))
}

/// The migrations of another tool in this folder.
fn foreign(path: &Path, shown: &Path) -> Option<Foreign> {
    let mut names: Vec<String> = path
        .read_dir()
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
        .filter(|name| !name.starts_with('.'))
        .collect();
    names.sort();
    let found = |tools, of: Vec<&String>| {
        let example = (*of.first()?).clone();
        Some(Foreign { folder: shown.to_owned(), tools, count: of.len(), example })
    };
    let ending = |end: &str| names.iter().filter(|name| name.ends_with(end)).collect::<Vec<_>>();
    let prisma: Vec<_> =
        names.iter().filter(|name| path.join(name).join("migration.sql").is_file()).collect();
    let ups = ending(".up.sql");
    let sql = ending(".sql");
    let flyway: Vec<_> = sql.iter().copied().filter(|name| is_flyway(name)).collect();
    if !prisma.is_empty() {
        return found("Prisma", prisma);
    }
    if !flyway.is_empty() {
        return found("Flyway", flyway);
    }
    if !ups.is_empty() {
        return found("sqlx or golang-migrate", ups);
    }
    if let Some(first) = sql.first() {
        if path.join("meta/_journal.json").is_file() {
            return found("drizzle-kit", sql);
        }
        let tools = by_content(&path.join(first))
            .or_else(|| shown.starts_with("supabase").then_some("Supabase"))
            .or_else(|| {
                first.starts_with(|first: char| first.is_ascii_digit()).then_some("sqlx or a like tool")
            });
        return found(tools?, sql);
    }
    for (end, tools) in [
        (".rb", "Rails"),
        (".exs", "Ecto"),
        (".go", "goose"),
        (".js", "knex, Sequelize or TypeORM"),
        (".cjs", "knex or Sequelize"),
        (".mjs", "knex or Sequelize"),
        (".ts", "knex, TypeORM or MikroORM"),
    ] {
        let of: Vec<_> = ending(end)
            .into_iter()
            .filter(|name| name.starts_with(|first: char| first.is_ascii_digit()))
            .collect();
        if !of.is_empty() {
            return found(tools, of);
        }
    }
    if path.ends_with("alembic/versions") {
        return found("Alembic", ending(".py"));
    }
    None
}

/// `V2__add_note.sql`, `R__views.sql`, `U2__…` (Flyway docs, "Versioned migrations").
fn is_flyway(name: &str) -> bool {
    let Some((head, _)) = name.split_once("__") else { return false };
    let version = head.strip_prefix(['V', 'U', 'R']);
    version.is_some_and(|version| version.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '_')))
}

/// Which tool writes its marks into a .sql file.
fn by_content(path: &Path) -> Option<&'static str> {
    let mut head = Vec::new();
    File::open(path).ok()?.take(4096).read_to_end(&mut head).ok()?;
    let head = String::from_utf8_lossy(&head).to_lowercase();
    [
        ("-- migrate:up", "dbmate"),
        ("-- +goose up", "goose"),
        ("-- +migrate up", "sql-migrate"),
        ("--liquibase formatted", "Liquibase"),
        ("-- deploy ", "Sqitch"),
    ]
    .into_iter()
    .find_map(|(mark, tool)| head.contains(mark).then_some(tool))
}
