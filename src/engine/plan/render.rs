//! From acts to statements: what each group of acts says.

use crate::engine::catalog::{Catalog, Fact, Id, Kind};

use super::fate::{Fate, Fates};
use super::graph::{Act, Graph};
use super::kinds::{self, Cx};
use super::satellites;
use super::sql::Sql;
use super::{PlanError, Wishes};

/// The statements that create a fact with all that is part of it.
pub(super) fn written(nothing: &Catalog, catalog: &Catalog, fact: &Fact) -> Vec<Sql> {
    let wishes = Wishes::default();
    let cx = Cx { old: nothing, new: catalog, wishes: &wishes, fates: None };
    let parts = |kind: Kind, of: &Id| catalog.parts(of, kind).collect::<Vec<_>>();
    let mut members: Vec<&Fact> = Vec::new();
    match fact.id.kind {
        Kind::Table => {
            let columns = parts(Kind::Column, &fact.id);
            for column in &columns {
                members.extend(parts(Kind::Default, &column.id));
            }
            members.extend(columns);
            let inline = |constraint: &&Fact| constraint.text("type") != "f" && !constraint.is("not_valid");
            members.extend(parts(Kind::Constraint, &fact.id).into_iter().filter(inline));
        }
        Kind::Column => members.extend(parts(Kind::Default, &fact.id)),
        Kind::Domain => members.extend(parts(Kind::DomainConstraint, &fact.id)),
        _ => {}
    }
    let mut all = kinds::create(&cx, fact, &members);
    all.extend(satellites::created(&cx, fact));
    all
}

impl Graph {
    /// The fact of the old catalog that an act alters, where it could as well be dropped and created anew.
    pub(super) fn replaceable(&self, act: usize, old: &Catalog) -> Option<usize> {
        let Act::Alter(at) = self.acts[act] else { return None };
        let kind = old.facts()[at].id.kind;
        let is_code = matches!(
            kind,
            Kind::View
                | Kind::Function
                | Kind::Procedure
                | Kind::Aggregate
                | Kind::Rule
                | Kind::Trigger
                | Kind::Policy
                | Kind::Default
        );
        is_code.then_some(at)
    }

    /// The statements of a group: its first act, with what is part of it.
    pub(super) fn render(
        &self,
        group: &[usize],
        cx: Cx<'_>,
        fates: &Fates,
    ) -> Result<Vec<(Id, Sql)>, PlanError> {
        let cx = Cx { fates: Some(fates), ..cx };
        let Cx { old, new, .. } = cx;
        let mut all = Vec::new();
        let mut put = |id: &Id, sqls: Vec<Sql>| all.extend(sqls.into_iter().map(|sql| (id.clone(), sql)));
        let members: Vec<&Fact> = group[1..]
            .iter()
            .filter_map(|at| match self.acts[*at] {
                Act::Create(at) => Some(&new.facts()[at]),
                _ => None,
            })
            .collect();
        match self.acts[group[0]] {
            Act::Drop(at) => {
                let fact = &old.facts()[at];
                put(&fact.id, kinds::drop(&cx, fact, fates.aside.get(&at).map(String::as_str)));
            }
            Act::Declare(at) => {
                let fact = &new.facts()[at];
                put(&fact.id, kinds::declare(fact));
            }
            Act::Aside(at) => {
                let fact = &old.facts()[at];
                put(&fact.id, kinds::aside::put(&cx, fates, fact, &fates.aside[&at]));
            }
            Act::Alter(at) => {
                if let Fate::Altered(steps, _) = &fates.old[at] {
                    put(&old.facts()[at].id, steps.clone());
                }
            }
            Act::Create(at) => {
                let fact = &new.facts()[at];
                let feigned = self.feigned.contains(&at);
                put(
                    &fact.id,
                    if feigned { kinds::unfeigned(fact) } else { kinds::create(&cx, fact, &members) },
                );
                put(&fact.id, satellites::created(&cx, fact));
            }
            Act::Hollow(at) => put(&old.facts()[at].id, vec![kinds::hollow(&old.facts()[at])]),
            Act::Feign(at) => put(&new.facts()[at].id, vec![kinds::hollow(&new.facts()[at])]),
            Act::Leave(at) => put(&old.facts()[at].id, kinds::leave(&cx, &old.facts()[at])),
            Act::Join(at) => put(&new.facts()[at].id, kinds::join(&cx, &new.facts()[at])),
            Act::Fill(at) => {
                let fact = &new.facts()[at];
                let was = fates.before[at].and_then(|old| fates.aside.get(&old));
                put(
                    &fact.id,
                    kinds::aside::fill(&cx, fates, fact, was.map(String::as_str).unwrap_or_default()),
                );
            }
        }
        for member in members {
            put(&member.id, satellites::created(&cx, member));
        }
        Ok(all)
    }
}
