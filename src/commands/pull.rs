//! `pgkeel pull`: the catalog as a readable schema.sql, which is loaded into an empty database and compared before it is written.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::Args as ClapArgs;
use serde::Serialize;

use crate::context::Context;
use crate::engine::catalog::{Kind, Scope, Unmodelled, read::read};
use crate::engine::pull::{Hand, Unproved, Wanted, hand, presumed_empty, prove, pulled, with_header};
use crate::engine::shadow::ShadowError;
use crate::engine::source::Source;
use crate::engine::untrusted::{Code, code};
use crate::exit::{CommandError, Exit};
use crate::pg::plain;
use crate::ui::{Page, Report, Tone};

use super::sources::{self, Held, Needs, catalog};

/// Write the catalog as a readable schema.sql
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "The file has one block per table, with its indexes, constraints, policies, triggers and
comments; psql loads it in order. Before it is written, it is loaded into a shadow database and
compared. A file that people have written or edited is replaced after a question only.

Examples:
  pgkeel pull                                  the database into the desired state, schema.sql
  pgkeel pull --print                          look at it first
  pgkeel pull --from env:production --output production.sql
  pgkeel pull --from migrations --yes          what the migrations make, over a file that was edited"
)]
pub(crate) struct Args {
    /// Take another schema than the database's: any source that `diff` knows
    #[arg(long, value_name = "SOURCE")]
    from: Option<String>,

    /// Print it, and write nothing
    #[arg(long, conflicts_with = "output")]
    print: bool,

    /// Write this file in place of the desired state
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Run the code of this role with the rights of the role that creates the shadow database
    #[arg(long, value_name = "ROLE")]
    trust_code_of: Vec<String>,

    /// Also say who owns what
    #[arg(long)]
    owners: bool,

    /// Leave grants and default privileges out
    #[arg(long)]
    no_privileges: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PullReport {
    from: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<PathBuf>,
    changed: bool,
    tables: usize,
    proved: bool,
    /// Why it is not proved.
    #[serde(skip_serializing_if = "Option::is_none")]
    unproved: Option<String>,
    not_pulled: Vec<Unmodelled>,
    /// What people have to complete.
    by_hand: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sql: Option<String>,
}

impl Report for PullReport {
    fn text(&self, page: &mut Page) {
        let Some(file) = &self.file else { return };
        let tables = if self.tables == 1 { "1 table".into() } else { format!("{} tables", self.tables) };
        let proved = match (self.proved, self.not_pulled.is_empty() && self.by_hand.is_empty()) {
            (false, _) => "",
            (true, true) => "; loading it gives the same",
            (true, false) => "; loading it gives the same, but for what was named",
        };
        page.line(&match self.changed {
            true => format!("{} {} ({tables}){proved}", page.paint(Tone::Good, "wrote"), file.display()),
            false => format!("{} is up to date ({tables})", file.display()),
        });
    }
}

pub(crate) fn run(args: &Args, cx: &mut Context) -> Result<Exit> {
    let target = target(args, cx)?;
    let mut prepared = match &args.from {
        Some(from) => sources::prepare(&sources::parse(from, cx)?, cx, "pull", Needs::default())?,
        None => sources::configured(cx, "pull")?,
    };
    let from = prepared.label().to_owned();
    let (major, live) = (prepared.major(), prepared.live().cloned());
    let roles = prepared.roles()?;
    // SHADOW_DATABASE_URL names one database for all that is built.
    let (catalog, _) = catalog(prepared, cx)?;
    let code = roles.map(|roles| code(&catalog, &roles)).unwrap_or_default();
    let scope = Scope { owners: args.owners, no_privileges: args.no_privileges };
    let needs = Needs { major: Some(major), beside: live.as_ref() };
    let mut empty = empty(cx, needs)?;
    let nothing = match &mut empty {
        Ok(held) => read(held.session(), &cx.config.bookkeeping_schema.value)?,
        Err(_) => presumed_empty(&catalog),
    };
    let catalog = catalog.wanted_from(&nothing).unwrap_or(catalog);
    let pulled = pulled(&nothing, &catalog, scope)?;
    let text = with_header(&pulled.body);
    let there = target.as_deref().map(existing).transpose()?.flatten();
    let changed = there.as_deref() != Some(text.as_bytes());
    if let (Some(file), Some(there), true) = (&target, &there, changed) {
        may_replace(file, there, cx)?;
    }
    let bookkeeping = &cx.config.bookkeeping_schema.value;
    let wanted = Wanted { catalog: &catalog, scope, by_hand: &pulled.by_hand, bookkeeping };
    let unproved = match guarded(empty, &code, &args.trust_code_of)? {
        Ok(held) => proved(&held, (&text, target.as_deref()), &wanted, cx)?,
        Err(why) => Some(why),
    };
    if let Some(why) = &unproved {
        cx.ui.warn(&format!("it was not proved that loading it gives the same: {why}"));
    }
    for (_, what) in &pulled.by_hand {
        cx.ui.warn(what);
    }
    if !catalog.unmodelled.is_empty() {
        let names: Vec<String> =
            catalog.unmodelled.iter().map(|one| format!("{} {}", one.kind, one.name)).collect();
        cx.ui.warn(&format!("what pgkeel cannot describe is not in the file: {}", names.join(", ")));
    }
    if let Some(file) = target.as_deref().filter(|_| changed) {
        write(file, &text)?;
    }
    let root = &cx.config.root;
    let report = PullReport {
        from,
        file: target.map(|file| file.strip_prefix(root).map(Path::to_path_buf).unwrap_or(file)),
        changed,
        tables: catalog.facts().iter().filter(|fact| fact.id.kind == Kind::Table).count(),
        proved: unproved.is_none(),
        unproved,
        not_pulled: catalog.unmodelled.clone(),
        by_hand: pulled.by_hand.iter().map(|(_, what)| what.clone()).collect(),
        sql: args.print.then(|| text.clone()),
    };
    if args.print && !cx.ui.is_json() {
        cx.ui.stream(text.as_bytes())?;
    } else {
        cx.ui.result(&report)?;
    }
    Ok(Exit::Ok)
}

/// The file that is to be written; none where it is only printed.
fn target(args: &Args, cx: &Context) -> Result<Option<PathBuf>> {
    if args.print {
        return Ok(None);
    }
    let file = match &args.output {
        Some(file) => cx.config.directory.join(file),
        None => cx.config.schema.value.clone(),
    };
    if !file.is_dir() {
        // A link stays one.
        return Ok(Some(file.canonicalize().unwrap_or(file)));
    }
    let what = if args.output.is_some() { "" } else { "the desired state " };
    Err(CommandError::Usage {
        message: format!("{what}`{}` is a folder, and `pull` writes one file", file.display()),
        hint: "`--output FILE` writes another one, `--print` prints it".into(),
    }
    .into())
}

/// An empty database to begin with and to prove it in, or why there is none.
fn empty(cx: &Context, needs: Needs<'_>) -> Result<Result<Held, String>> {
    let opened = sources::prepare(&Source::Empty, cx, "pull", needs).and_then(|it| it.open_quietly(cx));
    opened.map(Ok).or_else(|error| match error.downcast_ref::<ShadowError>() {
        Some(no @ (ShadowError::NoPlace { .. } | ShadowError::Version { .. })) => Ok(Err(no.to_string())),
        Some(no) if crate::engine::shadow::is_forbidden(no) => Ok(Err(no.to_string())),
        _ => Err(error),
    })
}

/// What lies there; nothing where it is empty or missing.
fn existing(file: &Path) -> Result<Option<Vec<u8>>> {
    match plain::read(file) {
        Ok(bytes) if bytes.trim_ascii().is_empty() => Ok(None),
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read `{}`", file.display())),
    }
}

/// What people have written is not replaced in silence.
fn may_replace(file: &Path, there: &[u8], cx: &Context) -> Result<()> {
    let shown = file.strip_prefix(&cx.config.root).unwrap_or(file).display().to_string();
    let why = match hand(&String::from_utf8_lossy(there)) {
        Hand::Ours => return Ok(()),
        Hand::Edited => format!("`{shown}` was edited since `pgkeel pull` wrote it"),
        Hand::Foreign => format!("`{shown}` was not written by `pgkeel pull`"),
    };
    if cx.config.answers.yes {
        return Ok(());
    }
    if cx.ui.is_interactive() && !cx.ui.is_json() {
        cx.ui.note(&format!("{why}; its comments and its order would be lost"));
        return match cx.ui.confirm("Replace it?")? {
            true => Ok(()),
            false => Err(CommandError::Declined.into()),
        };
    }
    Err(CommandError::Refused {
        why: format!("{why}, and would be replaced"),
        remedy: "`--print` prints it, `--output FILE` writes another file, `--yes` replaces this one".into(),
    }
    .into())
}

/// The empty database, with a login for code of lesser roles, or why it cannot be used.
fn guarded(empty: Result<Held, String>, code: &[Code], trust: &[String]) -> Result<Result<Held, String>> {
    let mut held = match empty {
        Ok(held) => held,
        Err(why) => return Ok(Err(why)),
    };
    match held.guard(code, trust) {
        Ok(()) => Ok(Ok(held)),
        Err(error) => match error.downcast_ref::<ShadowError>() {
            Some(no @ ShadowError::Guard { .. }) => Ok(Err(no.to_string())),
            _ => Err(error),
        },
    }
}

/// Load it into the empty database and compare. Returns why that could not be tried.
fn proved(
    held: &Held,
    (text, file): (&str, Option<&Path>),
    wanted: &Wanted<'_>,
    cx: &Context,
) -> Result<Option<String>> {
    let Some(shadow) = held.shadow() else { return Ok(Some("there is no shadow database".into())) };
    let _progress = cx.ui.progress("loading what was pulled into an empty database");
    let file = file.unwrap_or(&cx.config.schema.value);
    match prove(shadow, (text, file), wanted) {
        Ok(()) => Ok(None),
        Err(Unproved::CannotTry(why)) => Ok(Some(why)),
        Err(error) => Err(error.into()),
    }
}

/// Write it whole or not at all, with the rights that the file had.
fn write(file: &Path, text: &str) -> Result<()> {
    let doing = || format!("cannot write `{}`", file.display());
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut new = tempfile::Builder::new().prefix(".pgkeel-").tempfile_in(folder).with_context(doing)?;
    new.write_all(text.as_bytes()).with_context(doing)?;
    let rights = match file.metadata() {
        Ok(about) => about.permissions(),
        Err(_) => std::os::unix::fs::PermissionsExt::from_mode(0o644),
    };
    new.as_file().set_permissions(rights).with_context(doing)?;
    new.as_file().sync_all().with_context(doing)?;
    new.persist(file).map_err(|error| error.error).with_context(doing)?;
    Ok(())
}
