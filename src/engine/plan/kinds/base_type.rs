//! Base types, and the circle in which a type and its functions name each other (docs, CREATE TYPE, "Base Types").

use crate::engine::catalog::{Catalog, Fact, Kind};

use super::super::sql::{Change, Sql};
use super::{Cx, Rules, composite, object};

pub(super) struct BaseType;

impl Rules for BaseType {
    fn create(&self, _: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        if fact.is("shell") {
            return vec![declared(fact)];
        }
        vec![Sql::new(format!("CREATE TYPE {} (\n    {}\n)", fact.id.path(), fact.text("definition")))]
    }

    fn drop(&self, cx: &Cx<'_>, fact: &Fact) -> Vec<Sql> {
        vec![dropped(cx.old, fact)]
    }

    fn alter(&self, cx: &Cx<'_>, was: &Fact, _: &Fact, _: &[&str]) -> Change {
        if composite::is_held(cx.old, &was.id) {
            return Change::Refuse(
                "columns are of this type, and it cannot be changed while it stays".to_owned(),
            );
        }
        Change::Replace
    }
}

/// The type's name alone, so that functions can speak of it.
pub(super) fn declared(fact: &Fact) -> Sql {
    Sql::new(format!("CREATE TYPE {}", fact.id.path()))
}

/// The functions that a type is made of and that speak of it.
pub(super) fn circle(catalog: &Catalog, at: usize) -> Vec<usize> {
    if !matches!(catalog.facts()[at].id.kind, Kind::BaseType | Kind::Range) {
        return Vec::new();
    }
    let speaks = |function: &usize| {
        catalog.facts()[*function].id.kind == Kind::Function
            && catalog.needs(*function).iter().any(|(to, _)| *to == at)
    };
    catalog.needs(at).iter().map(|(to, _)| *to).filter(speaks).collect()
}

/// Neither the type nor its functions can go alone: CASCADE takes them together, when everything else has gone.
pub(super) fn dropped(catalog: &Catalog, fact: &Fact) -> Sql {
    let has_circle = catalog.index(&fact.id).is_some_and(|at| !circle(catalog, at).is_empty());
    let cascade = if has_circle { " CASCADE" } else { "" };
    Sql::new(format!("DROP {}{cascade}", object(fact)))
}
