//! Which tables differ between two texts of schema.rs. It compares, and knows no catalog.

use std::collections::BTreeMap;

/// What became of a table from the one text to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Only the new text has it.
    Added,
    /// Only the old text has it.
    Removed,
    /// Both have it, not alike.
    Changed,
}

/// The tables that differ, by their names in the text, sorted. None, where the rest of the text differs.
pub fn changes(old: &str, new: &str) -> Vec<(String, Change)> {
    let (old, new) = (blocks(old), blocks(new));
    let mut found: Vec<(String, Change)> = Vec::new();
    for (name, block) in &old {
        match new.get(name) {
            None => found.push(((*name).to_owned(), Change::Removed)),
            Some(other) if other != block => found.push(((*name).to_owned(), Change::Changed)),
            Some(_) => {}
        }
    }
    let added = new.keys().filter(|name| !old.contains_key(*name));
    found.extend(added.map(|name| ((*name).to_owned(), Change::Added)));
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

/// The lines of each `table!`, by the table's name.
fn blocks(text: &str) -> BTreeMap<&str, Vec<&str>> {
    let mut blocks = BTreeMap::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(indent) = line.strip_suffix("diesel::table! {").or(line.strip_suffix("table! {")) else {
            continue;
        };
        let end = format!("{indent}}}");
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != end).collect();
        let head = block.iter().map(|line| line.trim()).find(|line| line.ends_with(") {"));
        if let Some((name, _)) = head.and_then(|head| head.split_once(" (")) {
            blocks.insert(name, block);
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str, column: &str) -> String {
        format!("diesel::table! {{\n    {name} (id) {{\n        {column}\n    }}\n}}\n\n")
    }

    #[test]
    fn tables_that_differ_are_named() {
        let old = table("a", "id -> Int4,") + &table("b", "id -> Int4,") + &table("c", "id -> Int4,");
        let new = table("a", "id -> Int4,") + &table("b", "id -> Int8,") + &table("d", "id -> Int4,");
        let found = changes(&old, &new);
        let found: Vec<(&str, Change)> =
            found.iter().map(|(name, change)| (name.as_str(), *change)).collect();
        assert_eq!(found, [("b", Change::Changed), ("c", Change::Removed), ("d", Change::Added)]);
        assert!(changes(&old, &format!("{old}diesel::joinable!(a -> b (id));\n")).is_empty());
    }
}
