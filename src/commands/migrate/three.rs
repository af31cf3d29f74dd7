//! The three catalogs of the loop: what the migrations make, what is wanted, and what is in the database.

use anyhow::Result;

use crate::config::Origin;
use crate::context::Context;
use crate::engine::catalog::{Catalog, Fact, Id, Kind, Scope};
use crate::engine::drift::ignore::without;
use crate::engine::drift::merge::advanced;
use crate::engine::ledger::Ledger;
use crate::engine::source::Source;
use crate::engine::untrusted::{Code, Roles, code};
use crate::exit::CommandError;
use crate::pg::session::Session;

use crate::commands::drifting::{Counting, Looking, with_owners};
use crate::commands::open::Chosen;
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
    if let Some(source) = sources::desired(cx)? {
        return Ok(Some(Wanted::Source(source)));
    }
    let schema = &cx.config.schema;
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
    Ok((args.name.is_some() || args.create_only).then_some(Wanted::Live))
}

/// The three of them.
pub(super) struct Three {
    pub(super) migrations: Catalog,
    pub(super) wanted: Catalog,
    /// What `wanted` is called.
    pub(super) label: String,
    /// The database, where one was to be looked at.
    live: Option<Catalog>,
    /// What is stored of what the migrations make, where that is to be believed.
    known: Option<Catalog>,
    /// What was done to the database by hand, as far as that counts.
    pub(super) drift: Vec<Id>,
    /// What the next migration has to change.
    pub(super) changes: Vec<Id>,
    /// Whether the database has these changes already, all of them.
    pub(super) is_there: bool,
    /// Code that roles other than superusers wrote, as far as the catalogs were read from a database.
    pub(super) code: Vec<Code>,
}

impl Three {
    /// Read them; the session is in the database.
    pub(super) fn read(
        wanted: &Wanted,
        cx: &Context,
        live: Option<(&mut Session, &Ledger, &Chosen)>,
    ) -> Result<Self> {
        let counting = Counting::of(cx)?;
        let counted = |catalog: &Catalog| without(catalog, &counting.rules).0;
        let (mut known, mut there) = (None, None);
        let mut written = Vec::new();
        if let Some((session, ledger, chosen)) = live {
            let prelude = session.prelude();
            session.query(&prelude)?;
            let looking = Looking { cx, chosen, command: "migrate", counting: &counting };
            let _progress = cx.ui.progress("reading the database");
            known = looking.known(session, ledger)?;
            there = Some(looking.live(session)?);
            if matches!(wanted, Wanted::Live) {
                let roles = Roles::read(session)?;
                written = there.iter().flat_map(|there| code(there, &roles)).collect();
            }
        }
        let mut of = |source: &Source| -> Result<(Catalog, String)> {
            let mut prepared = sources::prepare(source, cx, "migrate", Needs::default())?;
            let label = prepared.label().to_owned();
            let roles = prepared.roles()?;
            let (catalog, _) = catalog(prepared, cx)?;
            written.extend(roles.iter().flat_map(|roles| code(&catalog, roles)));
            Ok((catalog, label))
        };
        let (migrations, _) = of(&Source::Migrations)?;
        let live = there.map(|live| same_version(cx, false, &migrations, live)).transpose()?;
        let known = known.map(|known| known.as_of(migrations.server));
        let (wanted, label) = match (wanted, &live) {
            (Wanted::Source(source), _) => of(source)?,
            (Wanted::Live, Some(live)) => {
                // What others have in the same database is none of ours.
                let before = counted(known.as_ref().unwrap_or(&migrations));
                let wanted = advanced(&migrations, &before.into(), &counted(live).into());
                (wanted, "your database".to_owned())
            }
            (Wanted::Live, None) => (migrations.clone(), "the migrations".to_owned()),
        };
        let wanted = same_version(cx, false, &migrations, wanted)?;
        let ids = |one: &Catalog, other: &Catalog, scope: &Scope| -> Vec<Id> {
            one.differences(other, scope).iter().map(|difference| difference.id().clone()).collect()
        };
        let changes = ids(&migrations, &wanted, &Scope::default());
        let (mut drift, mut is_there) = (Vec::new(), false);
        if let Some(live) = &live {
            // Who owns what is the shadow's own affair.
            let owners = counting.scope.owners && known.is_some();
            let scope = Scope { owners, ..counting.scope };
            drift = ids(&counted(known.as_ref().unwrap_or(&migrations)), &counted(live), &scope);
            // Whatever does not count as drift counts here: what is not there has to be run.
            let lacking = ids(live, &wanted, &Scope::default());
            is_there = !changes.is_empty() && !lacking.iter().any(|id| changes.contains(id));
        }
        Ok(Self { migrations, wanted, label, live, known, drift, changes, is_there, code: written })
    }

    /// What the database is expected to be once its changes are those of migrations: what it was, and these.
    pub(super) fn expected(&self) -> Catalog {
        let before = match (&self.known, &self.live) {
            (Some(known), _) => known.clone(),
            (None, Some(live)) => with_owners(&self.migrations, live),
            (None, None) => self.migrations.clone(),
        };
        let made = advanced(&before, &self.migrations.clone().into(), &self.wanted.clone().into());
        // What is new is owned by whoever made it here.
        match &self.live {
            Some(live) => with_owners_of_new(&made, &before, live),
            None => made,
        }
    }

    /// Whether what was done by hand and what is to change concern the same things.
    pub(super) fn collides(&self, drift: &[Id]) -> bool {
        let changes: Vec<Id> = self.changes.iter().map(|id| self.whole(id)).collect();
        drift.iter().any(|id| changes.contains(&self.whole(id)))
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

fn with_owners_of_new(made: &Catalog, before: &Catalog, live: &Catalog) -> Catalog {
    let owned = with_owners(made, live);
    let facts = made.facts().iter().zip(owned.facts());
    let of = |(made, owned): (&Fact, &Fact)| match before.fact(&made.id) {
        Some(_) => made.clone(),
        None => owned.clone(),
    };
    made.assembled(facts.map(of).collect(), made.pairs())
}
