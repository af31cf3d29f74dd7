//! Types that Diesel does not have: `pub mod sql_types`, and what each table imports of it.

use std::collections::BTreeMap;

use super::columns::ColumnType;
use super::layout::Text;
use super::settings::{PUBLIC, Settings, any};
use super::tables::Table;
use super::{docs, names};

/// The types of `diesel::sql_types` for PostgreSQL, with the aliases for those of other databases.
const KNOWN: [&str; 66] = [
    "BigInt",
    "BigSerial",
    "Bigint",
    "Binary",
    "Bit",
    "Blob",
    "Bool",
    "Bpchar",
    "Bytea",
    "Char",
    "Cidr",
    "Citext",
    "Date",
    "Datemultirange",
    "Daterange",
    "Decimal",
    "Double",
    "Float",
    "Float4",
    "Float8",
    "Inet",
    "Int2",
    "Int4",
    "Int4multirange",
    "Int4range",
    "Int8",
    "Int8multirange",
    "Int8range",
    "Integer",
    "Interval",
    "Json",
    "Jsonb",
    "Longblob",
    "Longtext",
    "MacAddr",
    "MacAddr8",
    "Macaddr",
    "Macaddr8",
    "Mediumblob",
    "Mediumtext",
    "Money",
    "Numeric",
    "Nummultirange",
    "Numrange",
    "Oid",
    "PgLsn",
    "Range",
    "Record",
    "Serial",
    "SmallInt",
    "SmallSerial",
    "Smallint",
    "Text",
    "Time",
    "Timestamp",
    "Timestamptz",
    "Tinyblob",
    "Tinytext",
    "Tsmultirange",
    "Tsrange",
    "Tstzmultirange",
    "Tstzrange",
    "Uuid",
    "VarChar",
    "Varbinary",
    "Varchar",
];

const SQL_TYPE: &str = "diesel::sql_types::SqlType";

/// Whether the type has to be defined.
fn is_custom(ty: &ColumnType, settings: &Settings) -> bool {
    !settings.without_types && !KNOWN.contains(&ty.rust.as_str()) && !any(&settings.except_types, &ty.rust)
}

fn custom<'a>(table: &'a Table, settings: &'a Settings) -> impl Iterator<Item = &'a ColumnType> {
    table.columns.iter().map(|column| &column.ty).filter(|ty| is_custom(ty, settings))
}

/// What a table imports, in this order.
pub(super) fn imports(table: &Table, settings: &Settings) -> Vec<String> {
    let mut imports = settings.import_types.clone();
    let mut own: Vec<String> = Vec::new();
    for ty in custom(table, settings) {
        let import = format!("super::sql_types::{}", ty.rust);
        if !own.contains(&import) {
            own.push(import);
        }
    }
    if imports.is_empty() && !own.is_empty() {
        imports.push("diesel::sql_types::*".to_owned());
    }
    imports.extend(own);
    imports
}

/// `pub mod sql_types`, where there is anything in it. Of two types of one Rust name the first is defined.
pub(super) fn write(text: &mut Text, tables: &[Table], settings: &Settings) {
    let mut all: BTreeMap<&str, &ColumnType> = BTreeMap::new();
    for ty in tables.iter().flat_map(|table| custom(table, settings)) {
        all.entry(&ty.rust).or_insert(ty);
    }
    if all.is_empty() {
        return;
    }
    docs::generated(text, settings.docs, &["A module containing custom SQL type definitions".to_owned()]);
    text.line("pub mod sql_types {");
    text.deeper();
    for ty in all.into_values() {
        define(text, ty, settings);
        text.blank();
    }
    text.shallower();
    text.line("}");
    text.blank();
}

fn define(text: &mut Text, ty: &ColumnType, settings: &Settings) {
    let schema = ty.schema.as_deref().unwrap_or("pg_catalog");
    let mut parts = vec![format!("name = {}", names::literal(&ty.sql))];
    let mut said = ty.sql.clone();
    if schema != PUBLIC {
        parts.push(format!("schema = {}", names::literal(schema)));
        said = format!("{schema}.{said}");
    }
    docs::generated(text, settings.docs, &[format!("The `{said}` SQL type")]);
    let mut derives: Vec<&str> = settings.derives.iter().map(String::as_str).collect();
    if !derives.contains(&SQL_TYPE) {
        derives.push(SQL_TYPE);
    }
    text.derive(&derives);
    text.postgres_type(&parts);
    text.line(&format!("pub struct {};", ty.rust));
}
