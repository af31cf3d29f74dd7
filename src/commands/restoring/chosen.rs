//! Which database, and what goes into it.

use std::io::IsTerminal;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::commands::backups::{catalogue, root};
use crate::commands::open::{Chosen, choose};
use crate::context::{Context, Fallback};
use crate::engine::backup::catalogue::{FindError, manifest_in};
use crate::engine::backup::folder::MANIFEST;
use crate::engine::backup::record::hold;
use crate::engine::guard::Place;
use crate::engine::ledger::Ledger;
use crate::engine::operation::OpenError;
use crate::engine::restore::{RestoreError, Source, oid_of, system_identifier};
use crate::exit::CommandError;
use crate::pg::error::{PgError, PgFailure};
use crate::pg::session::Session;

use super::Wanted;

/// The live database, which may be gone.
pub(crate) struct Live {
    pub(crate) chosen: Chosen,
    pub(crate) name: String,
    pub(crate) there: Option<(Session, Ledger)>,
    /// The cluster, where we may know; also where the database is gone.
    cluster: Option<String>,
    /// Which database has the name, as it was when somebody was asked; 0: none.
    pub(crate) oid: u32,
}

/// Choose the database, and look at it.
pub(crate) fn live(cx: &Context, command: &str) -> Result<Live> {
    let chosen = choose(cx, Fallback::Nothing, command)?;
    let gone = |error: &OpenError| {
        matches!(error, OpenError::Pg(PgError::Connect(error))
            if PgError::Connect(error.clone()).failure() == PgFailure::NoSuchDatabase)
    };
    let looked = {
        let _progress = cx.ui.progress("connecting");
        chosen.opening.look()
    };
    match looked {
        Ok((mut session, ledger)) => {
            chosen.announce(cx, &ledger.facts);
            let (name, cluster) = (ledger.facts.database.clone(), ledger.facts.system_identifier.clone());
            let oid = oid_of(&mut session, &name)?;
            Ok(Live { chosen, name, there: Some((session, ledger)), cluster, oid })
        }
        Err(error) if gone(&error) => {
            let direct = &chosen.place.direct;
            let name = direct.database().or(direct.user()).unwrap_or("postgres").to_owned();
            cx.ui.note(&format!("there is no database `{name}` on that server: it will be a new one"));
            let cluster = system_identifier(&mut chosen.opening.maintenance(&name)?)?;
            Ok(Live { chosen, name, there: None, cluster, oid: 0 })
        }
        Err(error) => {
            chosen.unreached(cx);
            Err(error.into())
        }
    }
}

impl Live {
    pub(crate) fn system_identifier(&self) -> Option<String> {
        self.cluster.clone()
    }

    /// Say what a swap means for those who come through a pooler, where nobody holds them back meanwhile.
    pub(crate) fn warn_of_pooler(&self, cx: &Context) {
        let place = &self.chosen.place;
        let is_held = cx.config.backup.pgbouncer.is_some();
        if is_held || self.there.is_none() || place.url.endpoints() == place.direct.endpoints() {
            return;
        }
        cx.ui.note(
            "the application comes another way than pgkeel: if that is PgBouncer, its clients get errors for up to 15 s \
             (`server_login_retry`) once the databases change places; with PGBOUNCER_ADMIN_URL, the URL of its admin \
             console, they wait instead and see none",
        );
    }

    /// What the guard must know.
    pub(crate) fn place(&self, cx: &Context) -> Place {
        match &self.there {
            Some((_, ledger)) => self.chosen.guarded(&cx.config, ledger),
            None => Place {
                environment: cx.config.environment.as_ref().map(|environment| environment.value.clone()),
                database: self.name.clone(),
                dev_cluster: self.chosen.place.dev,
                ..Place::default()
            },
        }
    }
}

/// What the user named.
pub(crate) fn source(wanted: &Wanted, cx: &Context, live: &Live) -> Result<Source> {
    if wanted.backup == "-" && !wanted.recorded {
        return from_standard_input(cx);
    }
    let all = catalogue(&root(cx, wanted.dir()))?;
    let is_it = |path: &Path| path.file_name().is_some_and(|name| name == wanted.backup.as_str());
    if let Some((path, why)) = all.unreadable.iter().find(|(path, _)| is_it(path)) {
        return Err(RestoreError::Damaged(vec![format!("{}: {why}", path.display())]).into());
    }
    let cluster = live.system_identifier();
    let found = all.find(&wanted.backup, Some((&live.name, cluster.as_deref())));
    // A file that happens to be called like a backup is none.
    let path = cx.config.directory.join(&wanted.backup);
    if found.is_err() && wanted.backup != "latest" && !wanted.recorded && path.exists() {
        return from_path(&path, cx);
    }
    let kept = found.map_err(|error| match error {
        FindError::NotAName(text) => anyhow::Error::from(CommandError::Usage {
            message: format!("`{text}` is neither a backup nor a file; nothing was changed"),
            hint: "`pgkeel restore --list` shows what can be restored; a file is one that pg_dump wrote"
                .into(),
        }),
        other => other.into(),
    })?;
    let in_use = hold(&kept.dir)?;
    Ok(Source::Backup { dir: kept.dir.clone(), manifest: Box::new(kept.manifest.clone()), in_use })
}

/// What a pipe hands over, `restore -`.
fn from_standard_input(cx: &Context) -> Result<Source> {
    let mut input = std::io::stdin();
    if input.is_terminal() {
        return Err(CommandError::Usage {
            message: "standard input is a terminal, and `-` reads a dump from it; nothing was changed".into(),
            hint: "pipe one: `zcat dump.sql.gz | pgkeel restore - --yes`".into(),
        }
        .into());
    }
    let _progress = cx.ui.progress("reading standard input");
    Ok(Source::standard_input(&mut input, &cx.interrupt)?)
}

fn from_path(path: &Path, cx: &Context) -> Result<Source> {
    let manifest = path.join(MANIFEST);
    // Whatever it is: a folder that has one claims to be a backup.
    if std::fs::symlink_metadata(&manifest).is_err() {
        let _progress = cx.ui.progress("looking at the file");
        return Ok(Source::foreign(path, &cx.interrupt)?);
    }
    let in_use = hold(path)?;
    let read = manifest_in(path).with_context(|| format!("`{}`", manifest.display()))?;
    Ok(Source::Backup { dir: path.to_owned(), manifest: Box::new(read), in_use })
}

/// What belongs to another place goes into this one only by its name.
pub(crate) fn check_origin(wanted: &Wanted, source: &Source, live: &Live) -> Result<()> {
    if wanted.from_elsewhere {
        return Ok(());
    }
    let cluster = live.system_identifier();
    let from = match source {
        Source::Backup { manifest, .. } if manifest.is_of(&live.name, cluster.as_deref()) => return Ok(()),
        Source::Backup { manifest, .. } => {
            format!("database `{}` of {}", manifest.source.database, manifest.source.server)
        }
        Source::Foreign(_) => match source.archive()? {
            Some(archive) if archive.database != live.name => format!("database `{}`", archive.database),
            _ => return Ok(()),
        },
    };
    Err(CommandError::Refused {
        why: format!("this is a backup of {from}, and the place is `{}`", live.name),
        remedy: "give `--from-elsewhere` if it is meant, or `--into NAME` for a copy beside".into(),
    }
    .into())
}
