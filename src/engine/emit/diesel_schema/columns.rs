//! The columns of a table, and their types.

use crate::engine::catalog::Fact;

use super::layout::Text;
use super::settings::{Settings, any};
use super::{docs, names};

/// A column as Diesel sees it.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) sql: String,
    pub(super) rust: String,
    comment: Option<String>,
    pub(super) ty: ColumnType,
    nullable: bool,
    length: Option<String>,
}

/// The type of a column, or of its array's elements.
#[derive(Debug)]
pub(super) struct ColumnType {
    /// `None` is `pg_catalog`.
    pub(super) schema: Option<String>,
    pub(super) sql: String,
    pub(super) rust: String,
    pub(super) is_array: bool,
}

impl Column {
    pub(super) fn of(fact: &Fact, table: &str, settings: &Settings) -> Self {
        let domain = fact.get("_domain_name").filter(|name| any(&settings.domains, name));
        let ty = match domain {
            Some(name) => ColumnType::new(fact.get("_domain_schema"), name),
            None => ColumnType::new(fact.get("_type_schema"), fact.text("_type_name")),
        };
        Self {
            sql: fact.id.sub.clone(),
            rust: names::column(&fact.id.sub, table),
            comment: fact.get("comment").map(str::to_owned),
            ty,
            nullable: !fact.is("not_null") && !fact.is("_domain_not_null"),
            length: fact.get("_length").map(str::to_owned),
        }
    }

    /// Whether it is an array of varchar.
    pub(super) fn is_varchar_array(&self) -> bool {
        self.ty.is_array && self.ty.sql == "varchar"
    }

    fn rust_type(&self) -> String {
        let mut ty = self.ty.rust.clone();
        if self.ty.is_array {
            ty = format!("Array<Nullable<{ty}>>");
        }
        if self.nullable { format!("Nullable<{ty}>") } else { ty }
    }

    /// Its lines in `table!`; `table` is what comments call its table.
    pub(super) fn write(&self, text: &mut Text, table: &str, settings: &Settings) {
        let ty = self.rust_type();
        let said = [
            format!("The `{}` column of the `{table}` table.", self.sql),
            format!("Its SQL type is `{ty}`."),
        ];
        docs::comment(text, settings.docs, self.comment.as_deref(), &said);
        if self.rust != self.sql {
            text.line(&format!("#[sql_name = {}]", names::literal(&self.sql)));
        }
        if let Some(length) = &self.length {
            text.line(&format!("#[max_length = {length}]"));
        }
        text.line(&format!("{} -> {ty},", self.rust));
    }
}

impl ColumnType {
    /// A type by its name in pg_type, where an array begins with `_`.
    fn new(schema: Option<&str>, name: &str) -> Self {
        let element = name.strip_prefix('_');
        let sql = element.unwrap_or(name).to_owned();
        Self { schema: schema.map(str::to_owned), rust: names::camel(&sql), sql, is_array: element.is_some() }
    }
}
