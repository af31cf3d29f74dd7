//! The same migrations in the layout of each tool, and as scripts for psql.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::tools::Tool;

/// What psql records, for itself: less than any tool.
pub(crate) const TRACKING: &str = "CREATE TABLE tracking (version text PRIMARY KEY)";

/// A folder with migrations.
#[derive(Debug, Clone)]
pub(crate) struct Project {
    folder: PathBuf,
}

impl Project {
    /// An empty one.
    pub(crate) fn new(folder: &Path) -> Result<Project> {
        let project = Project { folder: folder.to_owned() };
        for tool in [Tool::Pgkeel, Tool::Sqlx, Tool::Dbmate] {
            fs::create_dir_all(project.layout(tool).join("migrations"))?;
        }
        let diesels = project.layout(Tool::Diesel);
        fs::write(diesels.join("diesel.toml"), "[migrations_directory]\ndir = \"migrations\"\n")?;
        fs::write(diesels.join("pgkeel.toml"), "")?;
        Ok(project)
    }

    /// One with `count` small migrations: `t_1`, `t_2`, …, a table with a primary key each.
    pub(crate) fn of_tables(folder: &Path, count: usize) -> Result<Project> {
        let project = Project::new(folder)?;
        for number in 1..=count {
            let up = format!("CREATE TABLE t_{number} (id int PRIMARY KEY);\n");
            project.migration(number, &up, &format!("DROP TABLE t_{number};\n"))?;
        }
        Ok(project)
    }

    /// Where a tool runs; pgkeel and Diesel have one layout.
    pub(crate) fn layout(&self, tool: Tool) -> PathBuf {
        self.folder.join(match tool {
            Tool::Pgkeel | Tool::Diesel => "folders",
            Tool::Sqlx => "sqlx",
            Tool::Dbmate => "dbmate",
        })
    }

    pub(crate) fn migration(&self, number: usize, up: &str, down: &str) -> Result<()> {
        self.migration_from(number, down, &mut |file| file.write_all(up.as_bytes()))
    }

    /// The same for a migration that is too large for memory.
    pub(crate) fn migration_from(
        &self,
        number: usize,
        down: &str,
        up: &mut dyn FnMut(&mut dyn Write) -> std::io::Result<()>,
    ) -> Result<()> {
        let version = version(number);
        let folder = self.layout(Tool::Pgkeel).join("migrations").join(&version);
        fs::create_dir(&folder)?;
        fs::write(folder.join("down.sql"), down)?;
        let single = |tool| self.layout(tool).join("migrations").join(format!("{version}.sql"));
        let places = [
            (folder.join("up.sql"), "", String::new()),
            (single(Tool::Sqlx), "", String::new()),
            (single(Tool::Dbmate), "-- migrate:up\n", format!("-- migrate:down\n{down}")),
        ];
        for (path, before, after) in places {
            let mut file = BufWriter::new(File::create(path)?);
            file.write_all(before.as_bytes())?;
            up(&mut file)?;
            file.write_all(after.as_bytes())?;
            file.flush()?;
        }
        Ok(())
    }

    /// The up.sql of a migration.
    pub(crate) fn up(&self, number: usize) -> PathBuf {
        self.layout(Tool::Pgkeel).join("migrations").join(version(number)).join("up.sql")
    }

    /// A script for psql: each file in a transaction with the row that records it.
    pub(crate) fn script_with_rows(&self, numbers: RangeInclusive<usize>) -> Result<PathBuf> {
        let path = self.folder.join("rows.psql");
        let mut script = String::new();
        for number in numbers {
            let (file, version) = (self.up(number), version(number));
            let row = format!("INSERT INTO tracking VALUES ('{version}');");
            writeln!(script, "BEGIN;\n\\i {}\n{row}\nCOMMIT;", file.display())?;
        }
        fs::write(&path, script)?;
        Ok(path)
    }

    /// A script for psql: the files, nothing else.
    pub(crate) fn script(&self, numbers: RangeInclusive<usize>) -> Result<PathBuf> {
        let path = self.folder.join("plain.psql");
        let mut script = String::new();
        for number in numbers {
            writeln!(script, "\\i {}", self.up(number).display())?;
        }
        fs::write(&path, script)?;
        Ok(path)
    }
}

/// A time stamp with a name, one second after the other.
fn version(number: usize) -> String {
    let (hours, minutes, seconds) = (number / 3600, number / 60 % 60, number % 60);
    format!("20250101{hours:02}{minutes:02}{seconds:02}_m{number}")
}
