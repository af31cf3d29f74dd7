//! How firmly something depends on what is altered, goes or is created anew under it.

use crate::engine::catalog::{Catalog, Fact, Id, Kind};

use super::{Cx, constraint, retype, routine};

/// Whether what is compiled against a column (or what else is altered under it) must be gone meanwhile.
pub(in super::super) fn minds_retype(cx: &Cx<'_>, ground: &Fact, fact: &Fact) -> bool {
    match fact.id.kind {
        Kind::View
        | Kind::MaterializedView
        | Kind::Rule
        | Kind::Policy
        | Kind::Trigger
        | Kind::PublicationTable => true,
        Kind::Function | Kind::Procedure => true,
        Kind::Column => fact.get("generated").is_some(),
        Kind::Default => retype::minds_default(cx, ground),
        // PostgreSQL makes it anew by itself and forgets the target.
        Kind::Statistics => fact.get("target").is_some(),
        // Of its expressions, likewise.
        Kind::Index => fact.get("statistics").is_some(),
        Kind::Constraint => fact.text("type") == "f" && constraint::minds(cx, ground, fact),
        _ => false,
    }
}

/// Whether an alteration in place frees it from what it depended on, so that it outlives it.
pub(in super::super) fn lets_go(fact: &Fact) -> bool {
    !matches!(fact.id.kind, Kind::Index | Kind::Constraint | Kind::Default)
}

/// Whether it depends on what it depended on even after an alteration in place: a foreign key on an index, what is declared
/// with a type on that type, though another one gets its name.
pub(in super::super) fn holds_on(cx: &Cx<'_>, ground: &Fact, fact: &Fact) -> bool {
    let is_type_taken = || cx.new.fact(&ground.id).is_none() && is_type_name_taken(cx.new, &ground.id);
    match fact.id.kind {
        Kind::Constraint => {
            fact.text("type") == "f" && matches!(ground.id.kind, Kind::Constraint | Kind::Index)
        }
        Kind::Function | Kind::Procedure if ground.id.kind == Kind::Column => routine::is_upsert(fact),
        Kind::Function | Kind::Procedure | Kind::Aggregate | Kind::Domain | Kind::Composite | Kind::Range => {
            is_type_taken()
        }
        Kind::Default => is_type_name_taken(cx.new, &ground.id),
        _ => false,
    }
}

/// Whether a type that goes leaves its name to one of another kind.
pub(in super::super) fn is_type_name_taken(catalog: &Catalog, id: &Id) -> bool {
    use Kind::{BaseType, Composite, Domain, Enum, MaterializedView, Range, Table, View};
    let kinds = [BaseType, Composite, Domain, Enum, Range, Table, View, MaterializedView];
    kinds.contains(&id.kind) && kinds.iter().any(|kind| catalog.index(&id.of(*kind)).is_some())
}
