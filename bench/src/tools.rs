//! Who is measured, and how each of them is asked for the same thing.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use pgkeel::pg::cluster::Running;
use pgkeel::pg::tools::sibling;

use crate::measure::Job;
use crate::project::Project;

/// A migration tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tool {
    Pgkeel,
    Sqlx,
    Diesel,
    Dbmate,
}

pub(crate) const TOOLS: [Tool; 4] = [Tool::Pgkeel, Tool::Sqlx, Tool::Diesel, Tool::Dbmate];

impl Tool {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Tool::Pgkeel => "pgkeel",
            Tool::Sqlx => "sqlx",
            Tool::Diesel => "diesel",
            Tool::Dbmate => "dbmate",
        }
    }
}

/// Where the programs are.
#[derive(Debug)]
pub(crate) struct Programs {
    pgkeel: PathBuf,
    peers: PathBuf,
    /// The one of the server: Debian's /usr/bin/psql is a slow wrapper.
    psql: PathBuf,
}

impl Programs {
    pub(crate) fn find(root: &Path, peers: &Path, server: &Running) -> Result<Programs> {
        let psql =
            sibling(&server.bin_dir().join("postgres"), "psql").context("the server's psql is missing")?;
        Ok(Programs { pgkeel: root.join("target/release/pgkeel"), peers: peers.to_owned(), psql })
    }

    pub(crate) fn path(&self, tool: Tool) -> Result<PathBuf> {
        let path = match tool {
            Tool::Pgkeel => self.pgkeel.clone(),
            Tool::Sqlx => self.peers.join("bin/sqlx"),
            Tool::Diesel => self.peers.join("bin/diesel"),
            Tool::Dbmate => {
                // The binary itself, which is in the package of this platform; `dbmate` is a shim for Node.
                let packages = self.peers.join("node_modules/@dbmate");
                let found = fs::read_dir(&packages).into_iter().flatten().flatten();
                let found = found.map(|entry| entry.path().join("bin/dbmate")).find(|path| path.exists());
                found.unwrap_or(packages)
            }
        };
        ensure!(path.is_file(), "{} is not installed", tool.name());
        Ok(path)
    }

    /// `--version`, the one thing that needs no database.
    pub(crate) fn version(&self, tool: Tool, dir: &Path) -> Result<Job> {
        Ok(Job::new(&self.path(tool)?, dir).args(["--version"]))
    }

    pub(crate) fn deploy(&self, tool: Tool, project: &Project, url: &str) -> Result<Job> {
        Ok(match tool {
            Tool::Pgkeel => self.ask(tool, project, url, &["deploy"])?,
            Tool::Sqlx => self.ask(tool, project, url, &["migrate", "run"])?,
            Tool::Diesel => self.ask(tool, project, url, &["migration", "run"])?,
            Tool::Dbmate => self.ask(tool, project, url, &["migrate"])?,
        })
    }

    /// A subcommand of a tool with the options that every run of it has.
    pub(crate) fn ask(&self, tool: Tool, project: &Project, url: &str, words: &[&str]) -> Result<Job> {
        let job = Job::new(&self.path(tool)?, &project.layout(tool));
        Ok(match tool {
            Tool::Pgkeel => job.args(words).url(url),
            Tool::Diesel => job.args(words).args(["--migration-dir", "migrations"]).url(url),
            Tool::Sqlx => job.args(words).args(["--source", "migrations", "--no-dotenv"]).url(url),
            // Its driver insists on TLS unless told otherwise. It would dump the schema after each run.
            Tool::Dbmate => {
                let separator = if url.contains('?') { '&' } else { '?' };
                let options = ["--no-dump-schema", "--migrations-dir", "migrations"];
                job.args(options).args(words).url(&format!("{url}{separator}sslmode=disable"))
            }
        })
    }

    /// One of PostgreSQL's own, beside the server's psql.
    pub(crate) fn client(&self, name: &str) -> Result<PathBuf> {
        sibling(&self.psql, name).with_context(|| format!("the server's {name} is missing"))
    }

    /// A program that takes part in one group only, by its path below the folder of the peers.
    pub(crate) fn peer(&self, path: &str) -> Result<PathBuf> {
        let program = self.peers.join(path);
        ensure!(program.is_file(), "not installed");
        Ok(program)
    }

    /// psql with a script of ours.
    pub(crate) fn psql(&self, dir: &Path, url: &str, options: &[&str]) -> Job {
        let job = Job::new(&self.psql, dir);
        job.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url]).args(options)
    }

    /// libpq alone: this program as `limit`, which connects, says SELECT 1 and closes.
    pub(crate) fn limit(&self, dir: &Path, url: &str) -> Result<Job> {
        Ok(Job::new(&std::env::current_exe()?, dir).args(["limit"]).url(url))
    }

    /// The catalog alone: this program as `read`, which connects, reads it through the library and closes.
    pub(crate) fn read(&self, dir: &Path, url: &str) -> Result<Job> {
        Ok(Job::new(&std::env::current_exe()?, dir).args(["read"]).url(url))
    }
}
