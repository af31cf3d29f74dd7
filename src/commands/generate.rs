//! `pgkeel generate`: Diesel's schema.rs from one reading of the catalog.

use anyhow::Result;
use clap::Args as ClapArgs;
use serde::Serialize;

use crate::context::{Context, Fallback};
use crate::engine::catalog::Catalog;
use crate::engine::catalog::read::read;
use crate::exit::{CommandError, Exit};
use crate::ui::{Page, Report};

use super::generated::{self, Generated, Section, State};
use super::{open, sources};

/// Write Diesel's schema.rs from the catalog
///
/// The text is that of `diesel print-schema`, by the keys of `[print_schema]` in diesel.toml; its second line says what it was
/// made from. A file is replaced whole, and only where its text changes.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "SOURCE is what `pgkeel diff` takes: a database's URL, `env:NAME`, `migrations`, `schema`, a .sql file or a
folder of them; anything but a database is built in a shadow database.

Exit status: 0 written or up to date, 2 nothing says where to, 3 the file is no generated one,
6 with `--check`: missing, stale or edited by hand, 8 cannot connect.

Examples:
  pgkeel generate                      write the files that diesel.toml names
  pgkeel generate --check              in CI: is what is committed up to date?
  pgkeel generate --from migrations    from the migrations, whatever your database holds
  pgkeel generate --output src/db.rs   into this file
  pgkeel generate --print | less       look first"
)]
pub(crate) struct Args {
    /// Write nothing; exit with 6 where a file is missing, stale or edited by hand
    #[arg(long, conflicts_with = "print")]
    check: bool,

    /// What to read; without it, your own database
    #[arg(long, value_name = "SOURCE")]
    from: Option<String>,

    /// The file, where diesel.toml names none or another one
    #[arg(long, value_name = "FILE", conflicts_with = "print")]
    output: Option<std::path::PathBuf>,

    /// Print the text, as Diesel prints it
    #[arg(long)]
    print: bool,

    /// Only the section `[print_schema.KEY]` of diesel.toml; `default` is `[print_schema]` itself
    #[arg(long, value_name = "KEY")]
    schema_key: Option<String>,
}

/// The result.
#[derive(Debug, Serialize)]
struct GenerateReport {
    files: Vec<Generated>,
}

impl Report for GenerateReport {
    fn text(&self, page: &mut Page) {
        self.files.iter().for_each(|file| page.line(&file.said()));
    }
}

/// Texts that go nowhere.
#[derive(Debug, Serialize)]
struct PrintReport {
    texts: Vec<Printed>,
}

#[derive(Debug, Serialize)]
struct Printed {
    section: String,
    text: String,
}

impl Report for PrintReport {
    fn text(&self, page: &mut Page) {
        self.texts.iter().flat_map(|printed| printed.text.lines()).for_each(|line| page.line(line));
    }
}

pub(crate) fn run(args: &Args, cx: &mut Context) -> Result<Exit> {
    let sections = chosen(args, cx)?;
    if args.print {
        return print(&sections, &catalog(args, cx)?, cx);
    }
    if sections.iter().all(|section| section.file.is_none()) {
        return Err(CommandError::Usage {
            message: "nothing says which file is to be written".into(),
            hint: "write into diesel.toml:\n\n[print_schema]\nfile = \"src/schema.rs\"\n\nor name it with `--output`, or look at \
                   the text with `--print`"
                .into(),
        }
        .into());
    }
    let catalog = catalog(args, cx)?;
    let files = if args.check {
        generated::check(cx, &catalog, &sections)?
    } else {
        generated::write(cx, &catalog, &sections)?
    };
    let report = GenerateReport { files };
    cx.ui.result(&report)?;
    report.files.iter().for_each(|file| advise(file, cx));
    let is_fresh = report.files.iter().all(Generated::is_fresh);
    Ok(if is_fresh { Exit::Ok } else { Exit::Different })
}

/// The sections that this run is about.
fn chosen(args: &Args, cx: &Context) -> Result<Vec<Section>> {
    let mut sections = generated::sections(cx)?;
    if let Some(key) = &args.schema_key {
        let known: Vec<String> = sections.iter().map(|section| section.key.clone()).collect();
        sections.retain(|section| section.key == *key);
        if sections.is_empty() {
            return Err(CommandError::Usage {
                message: format!("diesel.toml has no section `[print_schema.{key}]`"),
                hint: format!("it has: {}", known.join(", ")),
            }
            .into());
        }
    }
    if let Some(output) = &args.output {
        if sections.len() > 1 {
            return Err(CommandError::Usage {
                message:
                    "`--output` is one file, and diesel.toml has several sections below `[print_schema]`"
                        .into(),
                hint: "choose one with `--schema-key`".into(),
            }
            .into());
        }
        let path = cx.config.directory.join(output);
        sections.iter_mut().for_each(|section| section.file = Some(path.clone()));
    }
    Ok(sections)
}

fn catalog(args: &Args, cx: &Context) -> Result<Catalog> {
    if let Some(from) = &args.from {
        let source = sources::parse(from, cx)?;
        let prepared = sources::prepare(&source, cx, "generate", sources::Needs::default())?;
        return Ok(sources::catalog(prepared, cx)?.0);
    }
    let (mut session, _) = open::choose(cx, Fallback::DevCluster, "generate")?.look(cx)?;
    let _progress = cx.ui.progress("reading the catalog");
    Ok(read(&mut session, &cx.config.bookkeeping_schema.value)?)
}

fn print(sections: &[Section], catalog: &Catalog, cx: &mut Context) -> Result<Exit> {
    let mut texts = Vec::new();
    for section in sections {
        let text = generated::text(cx, catalog, section)?;
        texts.push(Printed { section: section.key.clone(), text });
    }
    if cx.ui.is_json() {
        cx.ui.result(&PrintReport { texts })?;
    } else {
        for printed in &texts {
            cx.ui.stream(printed.text.as_bytes())?;
        }
    }
    Ok(Exit::Ok)
}

/// What to do about a file that is not as it is to be.
fn advise(file: &Generated, cx: &Context) {
    let path = &file.path;
    match file.state {
        State::Missing | State::Stale => cx.ui.note("next: `pgkeel generate` writes it"),
        State::Edited => cx.ui.note(
            "next: `pgkeel generate` writes it again, without the edits; an edit that is to stay goes into a patch, which \
             `patch_file` in diesel.toml names",
        ),
        State::Overwritten => cx.ui.warn(&format!(
            "{path} had been edited by hand: `git diff {path}` shows what is gone; an edit that is to stay goes into a \
             patch, which `patch_file` in diesel.toml names"
        )),
        State::Written | State::Unchanged => {}
    }
}
