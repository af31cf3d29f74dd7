//! The three catalogs of the loop: what the migrations make, what is wanted, and what is in the database.

use anyhow::Result;

use crate::config::Origin;
use crate::context::Context;
use crate::engine::catalog::{Catalog, Id, Kind, Scope, read::read};
use crate::engine::drift::ignore::without;
use crate::engine::source::Source;
use crate::exit::CommandError;
use crate::pg::session::Session;

use crate::commands::drifting::Counting;
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
    /// The database, where one was to be looked at, as far as it counts.
    pub(super) live: Option<Catalog>,
    /// What was done to the database by hand, as far as that counts.
    pub(super) drift: Vec<Id>,
    /// What the next migration has to change.
    pub(super) changes: Vec<Id>,
    /// Whether the database is as it is wanted already, as far as that counts.
    pub(super) is_there: bool,
}

impl Three {
    /// Read them; the session is in the database.
    pub(super) fn read(wanted: &Wanted, cx: &Context, live: Option<&mut Session>) -> Result<Self> {
        let Counting { rules, scope } = Counting::of(cx)?;
        let counted = |catalog: &Catalog| without(catalog, &rules).0;
        let live = match live {
            Some(session) => {
                let prelude = session.prelude();
                session.query(&prelude)?;
                let _progress = cx.ui.progress("reading the database");
                Some(read(session, &cx.config.bookkeeping_schema.value)?)
            }
            None => None,
        };
        let of = |source: &Source| -> Result<(Catalog, String)> {
            let prepared = sources::prepare(source, cx, "migrate", Needs::default())?;
            let label = prepared.label().to_owned();
            Ok((catalog(prepared, cx)?.0, label))
        };
        let (mut migrations, _) = of(&Source::Migrations)?;
        let live = live.map(|live| same_version(cx, false, &migrations, live)).transpose()?;
        let (wanted, label) = match (wanted, &live) {
            (Wanted::Source(source), _) => of(source)?,
            (Wanted::Live, Some(live)) => {
                migrations = counted(&migrations);
                (counted(live), "your database".to_owned())
            }
            (Wanted::Live, None) => (migrations.clone(), "the migrations".to_owned()),
        };
        let wanted = same_version(cx, false, &migrations, wanted)?;
        let ids = |one: &Catalog, other: &Catalog, scope: &Scope| -> Vec<Id> {
            one.differences(other, scope).iter().map(|difference| difference.id().clone()).collect()
        };
        // Who owns what is the shadow's own affair.
        let scope = Scope { owners: false, ..scope };
        let changes = ids(&migrations, &wanted, &Scope::default());
        let (mut drift, mut is_there) = (Vec::new(), false);
        let live = live.as_ref().map(counted);
        if let Some(live) = &live {
            drift = ids(&counted(&migrations), live, &scope);
            is_there = ids(live, &counted(&wanted), &scope).is_empty();
        }
        Ok(Self { migrations, wanted, label, live, drift, changes, is_there })
    }

    /// Whether what was done by hand and what is to change concern the same things.
    pub(super) fn collides(&self) -> bool {
        let changes: Vec<Id> = self.changes.iter().map(|id| self.whole(id)).collect();
        self.drift.iter().any(|id| changes.contains(&self.whole(id)))
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
