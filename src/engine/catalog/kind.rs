//! The kinds of facts, each with the query that reads it.

use serde::{Deserialize, Serialize};

/// Declares the kinds: variant, what people call it, the keywords of COMMENT ON and GRANT, its query.
macro_rules! kinds {
    ($($kind:ident $noun:literal $file:literal,)+) => {
        /// What a fact is about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Kind {
            $(#[doc = $noun] $kind,)+
        }

        impl Kind {
            /// All of them; the order in which things are created where nothing else decides.
            pub const ALL: &[Kind] = &[$(Kind::$kind,)+];

            /// What people call it.
            pub fn noun(self) -> &'static str {
                match self { $(Kind::$kind => $noun,)+ }
            }

            /// The query that reads all facts of this kind.
            pub fn sql(self) -> &'static str {
                match self { $(Kind::$kind => include_str!(concat!("sql/", $file, ".sql")),)+ }
            }
        }
    };
}

kinds! {
    Schema "schema" "schema",
    Extension "extension" "extension",
    Language "language" "language",
    Collation "collation" "collation",
    Conversion "conversion" "conversion",
    Enum "enum" "enum",
    Composite "composite type" "composite",
    Range "range type" "range",
    BaseType "base type" "base_type",
    Domain "domain" "domain",
    DomainConstraint "domain constraint" "domain_constraint",
    AccessMethod "access method" "access_method",
    Function "function" "function",
    Procedure "procedure" "procedure",
    Aggregate "aggregate" "aggregate",
    Operator "operator" "operator",
    OperatorFamily "operator family" "operator_family",
    OperatorClass "operator class" "operator_class",
    Cast "cast" "cast",
    Transform "transform" "transform",
    TextSearchParser "text search parser" "ts_parser",
    TextSearchTemplate "text search template" "ts_template",
    TextSearchDictionary "text search dictionary" "ts_dictionary",
    TextSearchConfiguration "text search configuration" "ts_configuration",
    ForeignDataWrapper "foreign data wrapper" "foreign_data_wrapper",
    Server "foreign server" "server",
    UserMapping "user mapping" "user_mapping",
    Sequence "sequence" "sequence",
    Table "table" "table",
    Column "column" "column",
    Default "default" "default",
    SequenceOwner "owning column of sequence" "sequence_owner",
    View "view" "view",
    MaterializedView "materialized view" "materialized_view",
    Constraint "constraint" "constraint",
    Index "index" "index",
    Partition "partition" "partition",
    IndexPartition "index partition" "index_partition",
    Statistics "statistics object" "statistics",
    Rule "rule" "rule",
    Trigger "trigger" "trigger",
    Policy "policy" "policy",
    Publication "publication" "publication",
    PublicationTable "published table" "publication_table",
    PublicationSchema "published schema" "publication_schema",
    Subscription "subscription" "subscription",
    EventTrigger "event trigger" "event_trigger",
    DefaultPrivileges "default privileges" "default_privileges",
    ExtensionGrants "grants on" "extension_grants",
}
