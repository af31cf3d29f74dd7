//! The files that are generated from the catalog: what diesel.toml asks for, whether they are up to date, and writing them.
//! `generate` is this alone; `migrate` ends with it, `validate` looks.

mod file;
mod settings;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde::Serialize;

use crate::config::PrintSchema;
use crate::context::Context;
use crate::engine::catalog::{Catalog, Scope};
use crate::engine::emit::diesel_schema::{Change, DieselSchema, FIRST_LINE, changes};
use crate::engine::emit::seal::{self, Seal};
use crate::engine::emit::{Emitted, Emitter};
use crate::exit::CommandError;

/// A generated file, and how it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Generated {
    /// As seen from the project.
    pub(crate) path: String,
    pub(crate) state: State,
    /// The tables in which it differs, or differed, from what it is to be.
    pub(crate) tables: Vec<Differing>,
}

/// How a generated file stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum State {
    /// It was written.
    Written,
    /// It was edited by hand, and written again.
    Overwritten,
    /// It is as it is to be.
    Unchanged,
    /// It is not there.
    Missing,
    /// The catalog, or a setting, is another one than when it was written.
    Stale,
    /// Somebody edited it.
    Edited,
}

/// A table that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Differing {
    pub(crate) table: String,
    pub(crate) change: &'static str,
}

/// A text for a place.
#[derive(Debug, Clone)]
struct Wanted {
    /// As seen from the project.
    shown: String,
    path: PathBuf,
    text: String,
    sealed: String,
}

/// One text that diesel.toml asks for.
#[derive(Debug, Clone)]
pub(crate) struct Section {
    /// What Diesel's `--schema-key` calls it.
    pub(crate) key: String,
    /// Where the text goes. Absolute.
    pub(crate) file: Option<PathBuf>,
    patch: Option<PathBuf>,
    emitter: DieselSchema,
}

/// What diesel.toml asks for, with all that can be wrong about it; its warnings are told. Nothing is connected to.
pub(crate) fn sections(cx: &Context) -> Result<Vec<Section>> {
    let (sections, warnings) = cx.config.print_schemas()?;
    warnings.iter().for_each(|warning| cx.ui.warn(warning));
    let read = |print: PrintSchema| {
        let emitter = DieselSchema { settings: settings::of(&print, &cx.config.root)? };
        Ok(Section { key: print.key().to_owned(), file: print.file, patch: print.patch, emitter })
    };
    sections.into_iter().map(read).collect()
}

/// The text of a section; what it leaves out is told.
pub(crate) fn text(cx: &Context, catalog: &Catalog, section: &Section) -> Result<String> {
    let Emitted { text, notes } = section.emitter.emit(catalog).map_err(|error| {
        let shown = section.patch.as_deref().map(|patch| shown(cx, patch)).unwrap_or_default();
        CommandError::Usage {
            message: format!("{shown}: {error}"),
            hint: "make it again: take `patch_file` out of diesel.toml for a moment, keep what `pgkeel generate --print` prints, \
                   edit a copy of it, and take `diff -U6` of both"
                .into(),
        }
    })?;
    notes.iter().for_each(|note| cx.ui.warn(&note.to_string()));
    Ok(text)
}

/// The texts of the sections that name a file.
fn wanted(cx: &Context, catalog: &Catalog, sections: &[Section]) -> Result<Vec<Wanted>> {
    let fingerprint = catalog.fingerprint(&Scope { owners: false, no_privileges: true });
    let mut all: Vec<Wanted> = Vec::new();
    for section in sections {
        let Some(path) = section.file.clone() else { continue };
        let shown = shown(cx, &path);
        if all.iter().any(|other| other.path == path) {
            return Err(CommandError::Usage {
                message: format!("two sections below `[print_schema]` of diesel.toml write into `{shown}`"),
                hint: "give each a `file` of its own".into(),
            }
            .into());
        }
        let text = text(cx, catalog, section)?;
        let sealed = seal::seal(&text, env!("CARGO_PKG_VERSION"), &fingerprint);
        all.push(Wanted { shown, path, text, sealed });
    }
    Ok(all)
}

/// Write the files that the sections name, where they are not as they are to be. Sections without a file: none.
pub(crate) fn write(cx: &Context, catalog: &Catalog, sections: &[Section]) -> Result<Vec<Generated>> {
    let wanted = wanted(cx, catalog, sections)?;
    // Nothing is written where one of them cannot be.
    let looked: Vec<Found> = wanted.iter().map(look).collect::<Result<_>>()?;
    for (wanted, found) in wanted.iter().zip(&looked) {
        if matches!(found, Found::Foreign) {
            return Err(CommandError::Refused {
                why: format!(
                    "`{}` is there, and neither pgkeel nor Diesel wrote it: its first line is not `{FIRST_LINE}`",
                    wanted.shown
                ),
                remedy: "move it away, or name another `file` in `[print_schema]` of diesel.toml".into(),
            }
            .into());
        }
    }
    let one = |(wanted, found): (&Wanted, &Found)| {
        let state = match found {
            Found::Same(Seal::Whole | Seal::None) => State::Unchanged,
            // Of what Diesel wrote nobody knows whether it was edited since.
            Found::Other(_, Seal::Broken | Seal::None) => State::Overwritten,
            _ => State::Written,
        };
        if state != State::Unchanged {
            file::replace(&wanted.path, &wanted.sealed)
                .with_context(|| format!("cannot write `{}`", wanted.shown))?;
        }
        Ok(generated(wanted, found, state))
    };
    wanted.iter().zip(&looked).map(one).collect()
}

/// See how the files stand that the sections name. Nothing is written.
pub(crate) fn check(cx: &Context, catalog: &Catalog, sections: &[Section]) -> Result<Vec<Generated>> {
    let wanted = wanted(cx, catalog, sections)?;
    let one = |wanted: &Wanted| {
        let found = look(wanted)?;
        let state = match &found {
            Found::Nothing => State::Missing,
            Found::Same(_) => State::Unchanged,
            Found::Other(_, Seal::Broken) | Found::Foreign => State::Edited,
            Found::Other(..) => State::Stale,
        };
        Ok(generated(wanted, &found, state))
    };
    wanted.iter().map(one).collect()
}

/// What is at the place of a wanted text.
enum Found {
    Nothing,
    /// What was asked for, whoever wrote it.
    Same(Seal),
    /// Another text.
    Other(String, Seal),
    /// What no generator wrote.
    Foreign,
}

fn look(wanted: &Wanted) -> Result<Found> {
    let read = file::read(&wanted.path).with_context(|| format!("cannot read `{}`", wanted.shown))?;
    let Some(file) = read.filter(|file| !file.trim().is_empty()) else { return Ok(Found::Nothing) };
    let sealed = seal::read(&file);
    Ok(if sealed.text == wanted.text {
        Found::Same(sealed.seal)
    } else if sealed.seal == Seal::None && !file.starts_with(FIRST_LINE) {
        Found::Foreign
    } else {
        Found::Other(sealed.text, sealed.seal)
    })
}

fn generated(wanted: &Wanted, found: &Found, state: State) -> Generated {
    let tables = match found {
        Found::Other(text, _) => changes(text, &wanted.text).into_iter().map(differing).collect(),
        _ => Vec::new(),
    };
    Generated { path: wanted.shown.clone(), state, tables }
}

fn differing((table, change): (String, Change)) -> Differing {
    let change = match change {
        Change::Added => "added",
        Change::Removed => "removed",
        Change::Changed => "changed",
    };
    Differing { table, change }
}

fn shown(cx: &Context, path: &Path) -> String {
    let below = path.strip_prefix(&cx.config.root).ok().filter(|below| !below.as_os_str().is_empty());
    below.unwrap_or(path).display().to_string()
}

impl Generated {
    /// Whether a check passes.
    pub(crate) fn is_fresh(&self) -> bool {
        !matches!(self.state, State::Missing | State::Stale | State::Edited)
    }

    /// Whether it was written just now.
    pub(crate) fn is_new(&self) -> bool {
        matches!(self.state, State::Written | State::Overwritten)
    }

    /// A sentence without its end.
    pub(crate) fn said(&self) -> String {
        let (path, tables) = (&self.path, self.tables());
        match self.state {
            State::Unchanged => format!("{path} is up to date"),
            State::Written if tables.is_empty() => format!("wrote {path}"),
            State::Written => format!("wrote {path}: {tables}"),
            State::Overwritten => {
                format!("wrote {path} again, over what may be edits by hand{}", after(": ", &tables))
            }
            State::Missing => format!("{path} is missing"),
            State::Stale if tables.is_empty() => format!(
                "{path} is stale: no table differs, but what is around them does (types, joins, or what diesel.toml asks for)"
            ),
            State::Stale => format!("{path} is stale, the catalog has changed: {tables}"),
            State::Edited => format!("{path} was edited by hand{}", after(": ", &tables)),
        }
    }

    fn tables(&self) -> String {
        const SHOWN: usize = 8;
        let one = |differing: &Differing| format!("table {} {}", differing.table, differing.change);
        let mut list: Vec<String> = self.tables.iter().take(SHOWN).map(one).collect();
        if self.tables.len() > SHOWN {
            list.push(format!("and {} more", self.tables.len() - SHOWN));
        }
        list.join(", ")
    }
}

fn after(sign: &str, text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{sign}{text}") }
}
