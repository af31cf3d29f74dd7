//! What people call the kinds of objects.

use super::model::{Language, Parent, Returns, Rules, TableKind, What};

/// The kinds, by the name under which they are counted.
impl What {
    pub(super) fn kind(&self) -> &'static str {
        match self {
            What::Schema => "schema",
            What::Enum(_) => "enum",
            What::Composite(_) => "composite type",
            What::Domain(_) => "domain",
            What::Range(_) => "range",
            What::Collation(_) => "collation",
            What::Sequence(_) => "sequence",
            What::Table(table) => match (&table.kind, &table.parent) {
                (TableKind::Foreign { .. }, _) => "foreign table",
                (TableKind::Partitioned { .. }, _) => "partitioned table",
                (_, Parent::Partition { .. }) => "partition",
                (_, Parent::Inherits(_)) => "inheriting table",
                (TableKind::Unlogged, _) => "unlogged table",
                (TableKind::Plain, _) => "table",
            },
            What::View(view) if view.materialized => "materialized view",
            What::View(_) => "view",
            What::Function(function) => match (&function.returns, function.language) {
                (Returns::Procedure, _) => "procedure",
                (Returns::Trigger | Returns::EventTrigger, _) => "trigger function",
                (_, Language::Sql) => "sql function",
                (_, Language::Atomic) => "atomic function",
                (_, Language::Plpgsql) => "plpgsql function",
            },
            What::Aggregate { .. } => "aggregate",
            What::Constraint(constraint) => match constraint.rule {
                Rules::Primary => "primary key",
                Rules::Unique { .. } => "unique constraint",
                Rules::Foreign { .. } => "foreign key",
                Rules::Check { .. } => "check constraint",
                Rules::Exclude => "exclusion constraint",
            },
            What::Index(_) => "index",
            What::Trigger(_) => "trigger",
            What::Policy(_) => "policy",
            What::Rule(_) => "rule",
            What::Statistics { .. } => "statistics",
            What::Publication(_) => "publication",
            What::Wrapper { .. } => "foreign-data wrapper",
            What::Server { .. } => "server",
            What::Mapping { .. } => "user mapping",
            What::EventTrigger { .. } => "event trigger",
            What::Cast { .. } => "cast",
            What::Operator { .. } => "operator",
            What::DefaultRights { .. } => "default privileges",
        }
    }
}
