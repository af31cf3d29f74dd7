//! From what a person names as a source to a session on a database that holds that schema: a live one itself, which is never
//! written; anything else in a shadow database, which goes with the value.

mod catalogs;
mod content;
mod places;

use anyhow::{Context as _, Result};

use crate::config::Config;
use crate::context::{Context, Fallback, Where};
use crate::engine::migrations::Folder;
use crate::engine::shadow::cache::{Cache, Key, KeyBuilder};
use crate::engine::shadow::{Guard, LeftOut, Place, Shadow, files, major, survey};
use crate::engine::source::Source;
use crate::engine::untrusted::{Code, Roles};
use crate::exit::CommandError;
use crate::pg::session::Session;

use super::open::{arm, opening, settings};
use super::watch::Watch;
pub(crate) use catalogs::{catalog, same_version};
use content::Content;
use places::Found;

/// What is asked of the database that a source becomes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Needs<'a> {
    /// The server's major version, where another side has one already.
    pub(crate) major: Option<u32>,
    /// A live database: a shadow goes onto its server, if it may. Without it, that is the configured one's.
    pub(crate) beside: Option<&'a Live>,
}

/// A live database that was named as a source.
#[derive(Debug, Clone)]
pub(crate) struct Live {
    pub(crate) place: Where,
    /// Whose configuration says how it is to be guarded; a URL has none.
    config: Option<Box<Config>>,
}

/// A source that was looked at: it is known where its database is or would be, and nothing has been made yet.
pub(crate) struct Prepared {
    label: String,
    what: What,
    /// In the live database, or in one of the server on which the shadow would be.
    session: Session,
}

enum What {
    Live(Box<Live>),
    Built(Box<(Content, Found)>),
}

/// A database that holds the schema of a source.
pub(crate) struct Held {
    label: String,
    session: Session,
    /// Dropped with this value.
    shadow: Option<Shadow>,
    left_out: Vec<LeftOut>,
}

/// Read what was typed as a source; a path is taken from where we were started.
pub(crate) fn parse(text: &str, cx: &Context) -> Result<Source> {
    Ok(Source::parse(text, &cx.config.directory, files::lies)?)
}

/// The desired state that is configured, if it is there. A folder without SQL is a mistake: it would be an empty schema.
pub(crate) fn desired(cx: &Context) -> Result<Option<Source>> {
    let schema = &cx.config.schema;
    if !schema.value.exists() {
        return Ok(None);
    }
    if schema.value.is_dir() && files::read(&schema.value)?.is_empty() {
        return Err(CommandError::Usage {
            message: format!(
                "the desired state `{}` is a folder without a .sql file ({})",
                schema.value.display(),
                schema.origin
            ),
            hint: "`pgkeel pull --output FILE` writes one from the database".into(),
        }
        .into());
    }
    Ok(Some(Source::Files(schema.value.clone())))
}

/// Look at a source.
pub(crate) fn prepare(
    source: &Source,
    cx: &Context,
    command: &'static str,
    needs: Needs<'_>,
) -> Result<Prepared> {
    arm(cx);
    let live = match source {
        Source::Url(url) => {
            Live { place: named(cx.config.complete(url.clone())?, "as it was named"), config: None }
        }
        Source::Env(name) => {
            let config = cx.config.elsewhere(name)?;
            let place = cx.database_of(&config, Fallback::Nothing)?;
            Live { place, config: Some(Box::new(config)) }
        }
        other => return built(other, cx, command, needs),
    };
    looked_at(live, cx, command)
}

/// Look at the database that is configured.
pub(crate) fn configured(cx: &Context, command: &'static str) -> Result<Prepared> {
    arm(cx);
    looked_at(Live::configured(cx.database(Fallback::DevCluster)?, cx), cx, command)
}

fn looked_at(live: Live, cx: &Context, command: &'static str) -> Result<Prepared> {
    let mut session = opening(cx, live.place.direct.clone(), command)
        .connect()
        .inspect_err(|_| cx.ui.note(&format!("tried {} ({})", live.place.direct, live.place.origin)))?;
    let asked = survey(&mut session)?;
    cx.announce(&live.place, &asked.database, &asked.role, session.server_version());
    let label = match live.place.direct.host() {
        Some(host) => format!("database {} on {host}", asked.database),
        None => format!("database {}", asked.database),
    };
    Ok(Prepared { label, what: What::Live(Box::new(live)), session })
}

/// Look at both sides of a comparison: a live one first, so that the other's shadow is on the same server, or at least on one
/// of the same major version.
pub(crate) fn both(
    from: &Source,
    to: &Source,
    cx: &Context,
    command: &'static str,
) -> Result<(Prepared, Prepared)> {
    if to.is_live() && !from.is_live() {
        let to = prepare(to, cx, command, Needs::default())?;
        return Ok((prepare(from, cx, command, to.needs())?, to));
    }
    let from = prepare(from, cx, command, Needs::default())?;
    let to = prepare(to, cx, command, from.needs())?;
    Ok((from, to))
}

/// Where shadow databases are made, for whoever fills them himself.
pub(crate) fn place(cx: &Context, command: &'static str) -> Result<(Place, u32)> {
    arm(cx);
    let (found, session) = places::find(cx, command, Needs::default())?;
    cx.ui.note(&format!("migrations: in a shadow database {}", found.shown));
    Ok((found.place, major(&session)))
}

/// What was read of shadow databases before, where the user has a place for it.
pub(crate) fn cache(cx: &Context) -> Option<Cache> {
    cx.config.surroundings.cache_home.as_deref().map(Cache::below)
}

fn built(source: &Source, cx: &Context, command: &'static str, needs: Needs<'_>) -> Result<Prepared> {
    let (content, label) = Content::read(source, cx, needs.beside)?;
    held(content, label, cx, command, needs)
}

/// Find the place of a shadow database for this content.
fn held(
    content: Content,
    label: String,
    cx: &Context,
    command: &'static str,
    needs: Needs<'_>,
) -> Result<Prepared> {
    let (found, session) = places::find(cx, command, needs)?;
    Ok(Prepared { label, what: What::Built(Box::new((content, found))), session })
}

/// Look at migrations that lie nowhere as they are meant: a part of a folder, or one with another in the place of some.
pub(crate) fn replayed(
    folder: Folder,
    label: &str,
    cx: &Context,
    command: &'static str,
    needs: Needs<'_>,
) -> Result<Prepared> {
    arm(cx);
    held(Content::of(folder, cx), label.to_owned(), cx, command, needs)
}

/// The way to a database that a person has named in full.
fn named(url: crate::pg::url::DatabaseUrl, origin: &str) -> Where {
    Where { direct: url.clone(), url, origin: origin.to_owned(), dev: false }
}

impl Live {
    /// The database that is configured.
    pub(crate) fn configured(place: Where, cx: &Context) -> Self {
        Self { place, config: Some(Box::new(cx.config.clone())) }
    }
}

impl Prepared {
    /// What it is, for people: `schema.sql`, `migrations (12)`, `database shop on db`.
    pub(crate) fn label(&self) -> &str {
        &self.label
    }

    /// The server's major version.
    pub(crate) fn major(&self) -> u32 {
        major(&self.session)
    }

    /// The live database, if it is one.
    pub(crate) fn live(&self) -> Option<&Live> {
        match &self.what {
            What::Live(live) => Some(live),
            What::Built(_) => None,
        }
    }

    /// The roles of the server that it is read from, where lesser roles may have written a part of it: a database, a backup.
    pub(crate) fn roles(&mut self) -> Result<Option<Roles>> {
        let content = match &self.what {
            What::Live(_) => return Ok(Some(Roles::read(&mut self.session)?)),
            What::Built(built) => &built.0,
        };
        Ok(match content {
            Content::Backup(_) => Some(Roles::read(&mut self.session)?.of_others()),
            Content::Empty | Content::Files { .. } | Content::Migrations { .. } => None,
        })
    }

    /// What the other side of a comparison needs.
    pub(crate) fn needs(&self) -> Needs<'_> {
        Needs { major: Some(self.major()), beside: self.live() }
    }

    /// What its catalog hangs on, read by this version of the extractor; nothing for a live database, which changes.
    pub(crate) fn key(&mut self, extractor: u32) -> Result<Option<Key>> {
        let What::Built(built) = &self.what else { return Ok(None) };
        let (content, found) = built.as_ref();
        let mut key = KeyBuilder::new(content.kind(), extractor);
        content.add_to(&mut key, &self.session)?;
        key.server(&mut self.session)?;
        key.add(found.likeness().as_bytes());
        Ok(Some(key.build()))
    }

    /// Open it. A shadow database is made, and filled. Open one side of a comparison, read it and drop it before the other:
    /// with SHADOW_DATABASE_URL both are built in the same database, one after the other.
    pub(crate) fn open(self, cx: &Context) -> Result<Held> {
        if let What::Built(built) = &self.what {
            cx.ui.note(&format!("{}: in a shadow database {}", self.label, built.1.shown));
        }
        self.open_quietly(cx)
    }

    /// The same without a word about where: for one that holds nothing that a person has named.
    pub(crate) fn open_quietly(self, cx: &Context) -> Result<Held> {
        let Self { label, what, mut session } = self;
        let (content, found) = match what {
            What::Live(_) => {
                read_only(&mut session)?;
                return Ok(Held { label, session, shadow: None, left_out: Vec::new() });
            }
            What::Built(built) => *built,
        };
        drop(session);
        let doing = || format!("cannot build {label} in a shadow database");
        let shadow = Shadow::create(&found.place).with_context(doing)?;
        let left_out = {
            let _progress = cx.ui.progress(&format!("building {label} in a shadow database"));
            content.fill(&shadow, cx, &mut Watch::new(&cx.ui)).with_context(doing)?
        };
        for one in &left_out {
            cx.ui.note(&one.to_string());
        }
        let session = shadow.connect()?;
        Ok(Held { label, session, shadow: Some(shadow), left_out })
    }
}

impl Held {
    /// A session in the database. That of a live one is for reading only.
    pub(crate) fn session(&mut self) -> &mut Session {
        &mut self.session
    }

    /// What it is, for people.
    pub(crate) fn label(&self) -> &str {
        &self.label
    }

    /// The shadow database that it is, unless it is a live one.
    pub(crate) fn shadow(&self) -> Option<&Shadow> {
        self.shadow.as_ref()
    }

    /// Run this code, which was read from a database, over a login instead of the role that created the shadow database.
    /// `trust` names roles whose code that role may run.
    pub(crate) fn guard(&mut self, code: &[Code], trust: &[String]) -> Result<()> {
        let Some(shadow) = &mut self.shadow else { return Ok(()) };
        shadow.guard(code, trust)?;
        if shadow.guarded().is_some() {
            self.session = shadow.connect()?;
        }
        Ok(())
    }

    /// The session in the database, and its guard where it is a login's.
    pub(crate) fn proving(&mut self) -> (&mut Session, Option<&Guard>) {
        (&mut self.session, self.shadow.as_ref().and_then(Shadow::guarded))
    }

    /// Apply more migrations to what is there. Never to a live database.
    pub(crate) fn go_on(&mut self, folder: &Folder, cx: &Context) -> Result<()> {
        let shadow = self.shadow.as_ref().context("only a shadow database takes migrations here")?;
        let left_out = shadow.replay(folder, &settings(&cx.config, None), &mut Watch::new(&cx.ui))?;
        self.left_out.extend(left_out);
        Ok(())
    }

    /// The statements that were not run, because no schema holds what they do.
    pub(crate) fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }
}

/// What is named to be looked at is not written by mistake either. Behind a pooler the setting would be another client's.
fn read_only(session: &mut Session) -> Result<()> {
    let pid = session.query_value("SELECT pg_catalog.pg_backend_pid()")?;
    if pid.and_then(|pid| pid.parse().ok()) == Some(session.announced_pid()) {
        session.query("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")?;
    }
    Ok(())
}
