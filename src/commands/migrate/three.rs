//! The three catalogs of the loop: what the migrations make, what is wanted, and what is in the database.

use anyhow::Result;

use crate::config::Origin;
use crate::context::Context;
use crate::engine::catalog::{Catalog, Id, Kind, Scope, read::read};
use crate::engine::source::Source;
use crate::exit::CommandError;
use crate::pg::session::Session;

use crate::commands::sources::{self, Needs, catalog, same_version};

use super::Args;

/// Where the desired state is.
#[derive(Debug, Clone)]
pub(super) enum Wanted {
    /// In files, or wherever `--from` says.
    Source(Source),
    /// In the developer's own database, as edited by hand.
    Live,
}

/// Find it. Nothing: there is no desired state, and nobody asked for a migration.
pub(super) fn wanted(args: &Args, cx: &Context) -> Result<Option<Wanted>> {
    if let Some(from) = &args.from {
        return Ok(Some(Wanted::Source(sources::parse(from, cx)?)));
    }
    let schema = &cx.config.schema;
    if schema.value.exists() {
        return Ok(Some(Wanted::Source(Source::Files(schema.value.clone()))));
    }
    if schema.origin != Origin::Default {
        return Err(CommandError::Usage {
            message: format!(
                "the desired state `{}` is not there ({})",
                schema.value.display(),
                schema.origin
            ),
            hint: "`pgkeel pull` writes it from the database; `--from SOURCE` names another one".into(),
        }
        .into());
    }
    Ok(args.name.is_some().then_some(Wanted::Live).or(args.create_only.then_some(Wanted::Live)))
}

/// The three of them.
pub(super) struct Three {
    pub(super) migrations: Catalog,
    pub(super) wanted: Catalog,
    /// What `wanted` is called.
    pub(super) label: String,
    /// The database, where one was to be looked at.
    pub(super) live: Option<Catalog>,
}

impl Three {
    /// Read them; the session is in the database.
    pub(super) fn read(
        wanted: &Wanted,
        cx: &Context,
        mut live: Option<&mut Session>,
        allow_mismatch: bool,
    ) -> Result<Self> {
        let bookkeeping = &cx.config.bookkeeping_schema.value;
        let live = match &mut live {
            Some(session) => {
                let prelude = session.prelude();
                session.query(&prelude)?;
                let _progress = cx.ui.progress("reading the database");
                Some(read(session, bookkeeping)?)
            }
            None => None,
        };
        let of = |source: &Source| -> Result<(Catalog, String)> {
            let prepared = sources::prepare(source, cx, "migrate", Needs::default())?;
            let label = prepared.label().to_owned();
            Ok((catalog(prepared, cx)?.0, label))
        };
        let (migrations, _) = of(&Source::Migrations)?;
        let (wanted, label) = match (wanted, &live) {
            (Wanted::Source(source), _) => of(source)?,
            (Wanted::Live, Some(live)) => (live.clone(), "your database".to_owned()),
            (Wanted::Live, None) => (migrations.clone(), "the migrations".to_owned()),
        };
        let wanted = same_version(cx, allow_mismatch, &migrations, wanted)?;
        let live = live.map(|live| same_version(cx, allow_mismatch, &migrations, live)).transpose()?;
        Ok(Self { migrations, wanted, label, live })
    }

    /// What was done to the database by hand.
    pub(super) fn drift(&self) -> Vec<Id> {
        self.live.as_ref().map(|live| ids(&self.migrations, live)).unwrap_or_default()
    }

    /// What the next migration has to change.
    pub(super) fn changes(&self) -> Vec<Id> {
        ids(&self.migrations, &self.wanted)
    }

    /// Whether the database is as it is wanted already.
    pub(super) fn is_there(&self) -> bool {
        self.live.as_ref().is_some_and(|live| ids(live, &self.wanted).is_empty())
    }

    /// Whether what was done by hand and what is to change concern the same things.
    pub(super) fn collides(&self) -> bool {
        let whole = |ids: Vec<Id>| -> Vec<Id> { ids.iter().map(|id| self.whole(id)).collect() };
        let changes = whole(self.changes());
        whole(self.drift()).iter().any(|id| changes.contains(id))
    }

    /// The table that something belongs to.
    fn whole(&self, id: &Id) -> Id {
        match id.kind {
            Kind::Column | Kind::Default | Kind::Constraint | Kind::Trigger | Kind::Policy | Kind::Rule => {
                id.of(Kind::Table)
            }
            Kind::Index => {
                let all = [Some(&self.migrations), Some(&self.wanted), self.live.as_ref()];
                let fact = all.into_iter().flatten().find_map(|catalog| catalog.fact(id));
                fact.map_or_else(
                    || id.clone(),
                    |fact| Id::new(Kind::Table, fact.text("_table_schema"), fact.text("_table_name"), ""),
                )
            }
            _ => id.clone(),
        }
    }
}

fn ids(one: &Catalog, other: &Catalog) -> Vec<Id> {
    one.differences(other, &Scope::default()).iter().map(|difference| difference.id().clone()).collect()
}
