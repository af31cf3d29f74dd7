//! Range types. All about one is settled when it is made.

use crate::engine::catalog::Fact;
use crate::engine::catalog::id::qualified;
use crate::pg::ident::Tidy;

use super::super::sql::Sql;
use super::{Cx, Rules, base_type};

pub(super) struct Range;

impl Rules for Range {
    fn create(&self, _: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        let mut parts = vec![format!("SUBTYPE = {}", fact.text("subtype"))];
        for (word, name) in [
            ("SUBTYPE_OPCLASS", "operator_class"),
            ("COLLATION", "collation"),
            ("CANONICAL", "canonical"),
            ("SUBTYPE_DIFF", "subtype_diff"),
            ("MULTIRANGE_TYPE_NAME", "multirange"),
        ] {
            parts.extend(fact.get(name).map(|value| format!("{word} = {value}")));
        }
        let path = fact.id.path();
        vec![Sql::new(format!("CREATE TYPE {path} AS RANGE ({})", parts.join(", ")))]
    }

    fn drop(&self, cx: &Cx<'_>, fact: &Fact) -> Vec<Sql> {
        vec![base_type::dropped(cx.old, fact)]
    }
}

/// Give it another name, with its multirange and the functions that make its values: their names are wanted too.
pub(super) fn put_aside(fact: &Fact, name: &str) -> Vec<Sql> {
    let (schema, new) = (&fact.id.schema, Tidy(name));
    let (old, aside) = (fact.id.path(), qualified(schema, name));
    let subtype = fact.text("subtype");
    let (many_schema, many) = (fact.text("_multirange_schema"), fact.text("_multirange_name"));
    let old_many = qualified(many_schema, many);
    // What makes the one name unique makes the other so.
    let new_many = format!("{name}_m");
    let new_many = Tidy(&new_many);
    let text = vec![
        format!("ALTER TYPE {old} RENAME TO {new}"),
        format!("ALTER TYPE {old_many} RENAME TO {new_many}"),
        format!("ALTER FUNCTION {old}({subtype}, {subtype}) RENAME TO {new}"),
        format!("ALTER FUNCTION {old}({subtype}, {subtype}, pg_catalog.text) RENAME TO {new}"),
        format!("ALTER FUNCTION {old_many}() RENAME TO {new_many}"),
        format!("ALTER FUNCTION {old_many}({aside}) RENAME TO {new_many}"),
        format!("ALTER FUNCTION {old_many}(VARIADIC {aside}[]) RENAME TO {new_many}"),
    ];
    text.into_iter().map(Sql::new).collect()
}
