//! Which block a statement belongs to, and where blocks stand. Pure.

use crate::engine::catalog::{Catalog, Id, Kind};

/// What a block is about: the table of a column, an index, a policy, an owned sequence; else the thing itself.
pub fn owner(catalog: &Catalog, id: &Id) -> Id {
    let relation = |id: &Id| {
        let kinds = [Kind::Table, Kind::View, Kind::MaterializedView];
        kinds.into_iter().map(|kind| id.of(kind)).find(|id| catalog.index(id).is_some())
    };
    let found = match id.kind {
        Kind::Column
        | Kind::Default
        | Kind::Constraint
        | Kind::Trigger
        | Kind::Rule
        | Kind::Policy
        | Kind::Partition => relation(id),
        Kind::DomainConstraint => Some(id.of(Kind::Domain)),
        Kind::Index | Kind::IndexPartition => index_table(catalog, id).and_then(|table| relation(&table)),
        Kind::Statistics | Kind::SequenceOwner => column_table(catalog, id),
        Kind::Sequence => {
            let owner = id.of(Kind::SequenceOwner);
            column_table(catalog, if catalog.index(&owner).is_some() { &owner } else { id })
        }
        Kind::PublicationTable | Kind::PublicationSchema => host(catalog, id, Kind::Publication),
        Kind::UserMapping => host(catalog, id, Kind::Server),
        _ => None,
    };
    found.unwrap_or_else(|| id.clone())
}

/// The table of an index, or of the constraint that the index is of.
pub(super) fn index_table(catalog: &Catalog, index: &Id) -> Option<Id> {
    if let Some(fact) = catalog.fact(&index.of(Kind::Index)) {
        return Some(Id::new(Kind::Table, fact.text("_table_schema"), fact.text("_table_name"), ""));
    }
    let attached = index.of(Kind::IndexPartition);
    let mut constraints = catalog.hosts(&attached, Kind::Constraint).map(|fact| &fact.id);
    constraints.find(|id| id.schema == index.schema && id.sub == index.name).map(|id| id.of(Kind::Table))
}

fn host(catalog: &Catalog, id: &Id, kind: Kind) -> Option<Id> {
    catalog.hosts(id, kind).next().map(|fact| fact.id.clone())
}

/// The table of the column that it depends on, or the table itself.
fn column_table(catalog: &Catalog, id: &Id) -> Option<Id> {
    let column = host(catalog, id, Kind::Column).map(|column| column.of(Kind::Table));
    column.or_else(|| host(catalog, id, Kind::Table))
}

/// The part of the file that a block stands in; `over` says that it needs tables or views.
pub(super) fn section(kind: Kind, over: bool) -> u8 {
    match kind {
        Kind::Schema => 0,
        Kind::Extension => 1,
        Kind::Sequence => 3,
        Kind::Table => 4,
        Kind::View | Kind::MaterializedView => 6,
        Kind::Publication | Kind::Subscription => 7,
        // What is created before them meets the default privileges as they were.
        Kind::DefaultPrivileges | Kind::ExtensionGrants => 8,
        // It must not see what comes before it.
        Kind::EventTrigger => 9,
        _ if over => 5,
        _ => 2,
    }
}
