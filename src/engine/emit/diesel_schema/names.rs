//! Names of SQL as names of Rust, and as literals of Rust.

use heck::ToUpperCamelCase as _;

/// Rust's keywords, and what `table!` makes itself.
const RESERVED: [&str; 53] = [
    "Self", "abstract", "as", "async", "await", "become", "box", "break", "columns", "const", "continue",
    "crate", "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "if", "impl", "in", "let",
    "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self",
    "static", "struct", "super", "table", "trait", "true", "try", "type", "typeof", "unsafe", "unsized",
    "use", "virtual", "where", "while", "yield",
];

/// A name in Rust: letters that Rust's names cannot hold become `_`, one for each run of them.
fn plain(name: &str) -> String {
    let mut plain = String::with_capacity(name.len());
    let mut replaced = false;
    for c in name.chars() {
        if c.is_ascii_alphanumeric() || c == '_' {
            if plain.is_empty() && c.is_ascii_digit() {
                plain.push('_');
            }
            plain.push(c);
            replaced = false;
        } else if !replaced {
            plain.push('_');
            replaced = true;
        }
    }
    plain
}

/// The name of a table, a schema, or a column that stands alone.
pub(super) fn rust(name: &str) -> String {
    freed(plain(name), "")
}

/// The name of a column in a table, whose module has the table's name already.
pub(super) fn column(name: &str, table: &str) -> String {
    freed(plain(name), table)
}

fn freed(mut name: String, taken: &str) -> String {
    let is_hidden = name.starts_with("__") && !name.ends_with('_');
    if is_hidden || name == "_" || name == taken || RESERVED.binary_search(&name.as_str()).is_ok() {
        name.push('_');
    }
    name
}

/// The name of a type: `order_state` is `OrderState`.
pub(super) fn camel(name: &str) -> String {
    name.to_upper_camel_case()
}

/// A string literal. A name with a backslash is raw, which Diesel forgets.
pub(super) fn literal(text: &str) -> String {
    if !text.contains(['"', '\\']) {
        return format!("\"{text}\"");
    }
    let mut hashes = String::new();
    while text.contains(&format!("\"{hashes}")) {
        hashes.push('#');
    }
    format!("r{hashes}\"{text}\"{hashes}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_names_are_sorted() {
        assert!(RESERVED.is_sorted());
    }

    #[test]
    fn names_are_those_that_diesel_gives() {
        let check = |name: &str, wanted: &str| assert_eq!(rust(name), wanted, "{name}");
        check("users", "users");
        check("camelCase", "camelCase");
        check("type", "type_");
        check("Self", "Self_");
        check("union", "union");
        check("1st", "_1st");
        check("has  space", "has_space");
        check("a..b-", "a_b_");
        check("a _ b", "a___b");
        check("üml", "_ml");
        check("é", "__");
        check("_", "__");
        check("__y", "__y_");
        check("__y_", "__y_");
        check("____", "____");
    }

    #[test]
    fn a_column_does_not_have_its_tables_name() {
        assert_eq!(column("users", "users"), "users_");
        assert_eq!(column("a-q", "a_q"), "a_q_");
        assert_eq!(column("type", "type_"), "type_");
        assert_eq!(column("type_", "type_"), "type__");
    }

    #[test]
    fn literals_hold_any_name() {
        assert_eq!(literal("a b"), "\"a b\"");
        assert_eq!(literal("a\"b"), "r#\"a\"b\"#");
        assert_eq!(literal("a\"#b"), "r##\"a\"#b\"##");
        assert_eq!(literal("a\\b"), "r\"a\\b\"");
    }
}
