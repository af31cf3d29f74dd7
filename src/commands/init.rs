//! `pgkeel init`: the files that a project starts with. It writes what is missing, adds missing lines to .gitignore, and
//! overwrites nothing: a second run changes nothing.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::Args as ClapArgs;
use serde::Serialize;

use crate::context::Context;
use crate::exit::Exit;
use crate::ui::{Page, Report, Tone};

/// Lay out a project: pgkeel.toml, diesel.toml, migrations/, seeds/, .env.example, .gitignore lines
#[derive(Debug, ClapArgs)]
#[command(after_help = "Nothing is overwritten; a second run changes nothing.

Examples:
  pgkeel init
  pgkeel init -C services/shop")]
pub(crate) struct Args {}

/// One of the project's files, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Item {
    /// Relative to the root.
    pub path: PathBuf,
    /// What became of it.
    pub state: State,
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// It was missing, and is there now.
    Created,
    /// It was there, and got the lines that it lacked.
    Extended,
    /// It was there, and is as it was.
    Kept,
}

/// Secrets and data that must not be committed; the example must.
const IGNORED: [&str; 4] = [".env", ".env.*", "!.env.example", "/backups/"];

/// Lay out a project in `root`, with its migrations in `migrations` (in `root` too, unless diesel.toml says otherwise).
pub(crate) fn init(root: &Path, migrations: &Path) -> Result<Vec<Item>> {
    let place = Place { root };
    let folder = migrations.strip_prefix(root).unwrap_or(migrations);
    let dir = toml::Value::from(folder.to_string_lossy().into_owned());
    let diesel = format!(
        "# Read by diesel_cli and by pgkeel.\n\n[migrations_directory]\ndir = {dir}\n\n\
         # [print_schema]\n# file = \"src/schema.rs\"   # `pgkeel generate` writes it, and so does `pgkeel migrate`\n"
    );
    Ok(vec![
        place.file("pgkeel.toml", include_str!("init_files/pgkeel.toml"))?,
        place.file("diesel.toml", &diesel)?,
        place.folder(folder)?,
        place.folder(Path::new("seeds"))?,
        place.file(".env.example", include_str!("init_files/env.example"))?,
        place.lines(".gitignore", &IGNORED)?,
    ])
}

struct Place<'a> {
    root: &'a Path,
}

impl Place<'_> {
    fn file(&self, name: &str, text: &str) -> Result<Item> {
        let path = self.root.join(name);
        // `create_new`: what appears between a look and the writing is not overwritten either.
        let state = match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut file) => {
                file.write_all(text.as_bytes())
                    .with_context(|| format!("cannot write `{}`", path.display()))?;
                State::Created
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => State::Kept,
            Err(error) => return Err(error).with_context(|| format!("cannot create `{}`", path.display())),
        };
        Ok(Item { path: PathBuf::from(name), state })
    }

    /// A folder, with a `.keep` in it if it is new: git does not keep an empty one, and Diesel skips names with a dot.
    fn folder(&self, name: &Path) -> Result<Item> {
        let path = self.root.join(name);
        let state = if path.is_dir() {
            State::Kept
        } else {
            fs::create_dir_all(&path)
                .with_context(|| format!("cannot create the folder `{}`", path.display()))?;
            let keep = path.join(".keep");
            fs::write(&keep, "").with_context(|| format!("cannot write `{}`", keep.display()))?;
            State::Created
        };
        Ok(Item { path: name.to_owned(), state })
    }

    fn lines(&self, name: &str, lines: &[&str]) -> Result<Item> {
        let path = self.root.join(name);
        let item = |state| Item { path: PathBuf::from(name), state };
        let present = match fs::read_to_string(&path) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error).with_context(|| format!("cannot read `{}`", path.display())),
        };
        let text = present.as_deref().unwrap_or_default();
        let missing: Vec<&str> = lines
            .iter()
            .filter(|line| !text.lines().any(|present| present.trim() == **line))
            .copied()
            .collect();
        if missing.is_empty() {
            return Ok(item(State::Kept));
        }
        let newline = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        let added = format!("{newline}{}\n", missing.join("\n"));
        OpenOptions::new()
            .append(true)
            .create(true)
            .open(&path)
            .and_then(|mut file| file.write_all(added.as_bytes()))
            .with_context(|| format!("cannot write `{}`", path.display()))?;
        Ok(item(if present.is_some() { State::Extended } else { State::Created }))
    }
}

#[derive(Debug, Serialize)]
struct InitReport {
    items: Vec<Item>,
}

impl Report for InitReport {
    fn text(&self, page: &mut Page) {
        for item in &self.items {
            let (word, tone) = match item.state {
                State::Created => ("created", Tone::Good),
                State::Extended => ("extended", Tone::Good),
                State::Kept => ("kept", Tone::Dim),
            };
            page.line(&format!("{} {}", page.paint(tone, word), item.path.display()));
        }
        page.line("next: write your tables into schema.sql, then `pgkeel migrate`");
    }
}

pub(crate) fn run(_: &Args, cx: &mut Context) -> Result<Exit> {
    let here = &cx.config.directory;
    // A parent's project is not ours to extend: the folder we were started in becomes one.
    let migrations =
        if cx.config.root == *here { cx.config.migrations.value.clone() } else { here.join("migrations") };
    let items = init(here, &migrations)?;
    cx.ui.result(&InitReport { items })?;
    Ok(Exit::Ok)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Environment, GlobalArgs};

    fn states(items: &[Item]) -> Vec<(&str, State)> {
        items.iter().map(|item| (item.path.to_str().unwrap(), item.state)).collect()
    }

    #[test]
    fn a_second_run_changes_nothing_and_the_files_can_be_read() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let first = init(root, &root.join("migrations")).unwrap();
        let names = ["pgkeel.toml", "diesel.toml", "migrations", "seeds", ".env.example", ".gitignore"];
        assert_eq!(states(&first), names.map(|name| (name, State::Created)));
        let second = init(root, &root.join("migrations")).unwrap();
        assert_eq!(states(&second), names.map(|name| (name, State::Kept)));

        fs::copy(root.join(".env.example"), root.join(".env")).unwrap();
        let config = Config::load(&GlobalArgs::default(), &Environment::default(), root).unwrap();
        assert!(config.migrations.value.ends_with("migrations"));
        assert_eq!(config.migrations.origin.to_string(), "`migrations_directory.dir` in diesel.toml");
        assert_eq!(config.warnings, [""; 0]);
    }

    #[test]
    fn every_line_that_the_template_comments_out_is_a_known_key() {
        let folder = tempfile::tempdir().unwrap();
        let template = include_str!("init_files/pgkeel.toml");
        let lines = template.lines().map(|line| line.strip_prefix("# ").unwrap_or(line));
        let keys: Vec<&str> = lines.filter(|line| line.starts_with('[') || line.contains(" = ")).collect();
        fs::write(folder.path().join("pgkeel.toml"), keys.join("\n")).unwrap();
        let args = GlobalArgs { env: Some("development".to_owned()), ..GlobalArgs::default() };
        fs::write(folder.path().join(".env.development"), "").unwrap();
        let config = Config::load(&args, &Environment::default(), folder.path()).unwrap();
        assert_eq!(config.deploy.lock_timeout.origin.to_string(), "`deploy.lock_timeout` in pgkeel.toml");
    }

    #[test]
    fn what_is_there_is_kept_and_gitignore_gets_what_it_lacks() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::write(root.join("pgkeel.toml"), "# mine").unwrap();
        fs::write(root.join(".gitignore"), "/target\n.env").unwrap();
        let items = init(root, &root.join("db/migrations")).unwrap();
        assert_eq!(items[0].state, State::Kept);
        assert_eq!(items[5].state, State::Extended);
        assert_eq!(fs::read_to_string(root.join("pgkeel.toml")).unwrap(), "# mine");
        let ignored = fs::read_to_string(root.join(".gitignore")).unwrap();
        assert_eq!(ignored, "/target\n.env\n.env.*\n!.env.example\n/backups/\n");
        assert!(root.join("db/migrations/.keep").is_file());
    }
}
