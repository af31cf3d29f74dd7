//! Orders the rows of tables so that what a CHECK or a generated column reads by a function is there before. Pure, and the
//! same however many jobs load it.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::archive::Entry;

/// The numbers of `data` in batches, to be loaded one after the other.
pub(in crate::engine::restore) fn batches(entries: &[Entry], data: &[&Entry]) -> Vec<Vec<i32>> {
    let graph = Graph::of(entries);
    let mut left: Vec<(i32, Option<i32>, BTreeSet<i32>)> = data
        .iter()
        .map(|entry| match graph.table_of(entry) {
            Some(table) => (entry.dump_id, Some(table), graph.read_by(table)),
            None => (entry.dump_id, None, BTreeSet::new()),
        })
        .collect();
    let mut batches = Vec::new();
    while !left.is_empty() {
        let waiting: BTreeSet<i32> = left.iter().filter_map(|(_, table, _)| *table).collect();
        let is_ready = |(_, table, reads): &(i32, Option<i32>, BTreeSet<i32>)| {
            reads.iter().all(|on| Some(*on) == *table || !waiting.contains(on))
        };
        let (ready, rest): (Vec<_>, Vec<_>) = left.into_iter().partition(is_ready);
        // Tables that read each other have no order.
        let (ready, rest) = if ready.is_empty() { (rest, Vec::new()) } else { (ready, rest) };
        batches.push(ready.into_iter().map(|(id, _, _)| id).collect());
        left = rest;
    }
    batches
}

struct Graph<'a> {
    by_id: BTreeMap<i32, &'a Entry>,
    tables: Vec<&'a Entry>,
    functions: Vec<&'a Entry>,
    /// The tables and functions that a function mentions.
    mentions: BTreeMap<i32, (BTreeSet<i32>, BTreeSet<i32>)>,
}

impl<'a> Graph<'a> {
    fn of(entries: &'a [Entry]) -> Self {
        let of = |kinds: &[&str]| -> Vec<&'a Entry> {
            entries.iter().filter(|entry| kinds.contains(&entry.desc.as_str())).collect()
        };
        let by_id = entries.iter().map(|entry| (entry.dump_id, entry)).collect();
        let mut graph = Self {
            by_id,
            tables: of(&["TABLE", "VIEW", "MATERIALIZED VIEW"]),
            functions: of(&["FUNCTION"]),
            mentions: BTreeMap::new(),
        };
        // A view is read for the tables in its query.
        for entry in graph.functions.iter().chain(graph.tables.iter().filter(|table| table.desc != "TABLE")) {
            let words = words(&entry.definition);
            let tables = graph.tables.iter().filter(|table| mentions(&words, &entry.definition, &table.tag));
            let tables = tables.map(|table| table.dump_id).filter(|id| *id != entry.dump_id).collect();
            let functions =
                graph.called(&words, entry).into_iter().filter(|id| *id != entry.dump_id).collect();
            graph.mentions.insert(entry.dump_id, (tables, functions));
        }
        graph
    }

    /// The table whose rows these are.
    fn table_of(&self, data: &Entry) -> Option<i32> {
        if data.desc != "TABLE DATA" {
            return None;
        }
        let is_table = |on: &&i32| self.by_id.get(*on).is_some_and(|entry| entry.desc == "TABLE");
        data.dependencies.iter().find(is_table).copied()
    }

    /// The functions that a definition may call.
    fn called(&self, words: &BTreeSet<String>, entry: &Entry) -> BTreeSet<i32> {
        let is_called = |function: &&&Entry| {
            let name = function.tag.split('(').next().unwrap_or_default();
            mentions(words, &entry.definition, name.trim_matches('"'))
        };
        let by_name = self.functions.iter().filter(is_called).map(|function| function.dump_id);
        let is_function = |on: &&i32| self.by_id.get(*on).is_some_and(|entry| entry.desc == "FUNCTION");
        by_name.chain(entry.dependencies.iter().filter(is_function).copied()).collect()
    }

    /// The tables that are read when a row comes into this one.
    fn read_by(&self, table: i32) -> BTreeSet<i32> {
        let Some(entry) = self.by_id.get(&table) else { return BTreeSet::new() };
        let mut open: Vec<i32> = Vec::new();
        let domains = entry.dependencies.iter().filter_map(|on| self.by_id.get(on));
        for of in std::iter::once(entry).chain(domains.filter(|on| on.desc == "DOMAIN")) {
            open.extend(self.called(&words(&of.definition), of));
        }
        let (mut seen, mut read) = (BTreeSet::new(), BTreeSet::new());
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            if let Some((tables, functions)) = self.mentions.get(&id) {
                read.extend(tables);
                open.extend(tables.iter().chain(functions));
            }
        }
        read
    }
}

/// The words of a text in small letters, also those in strings: a function's body is one.
fn words(text: &str) -> BTreeSet<String> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    // `$$` of a body is no part of a name.
    let words = text.split(|c| !is_part(c)).map(|word| word.trim_matches('$').to_lowercase());
    words.filter(|word| !word.is_empty()).collect()
}

fn mentions(words: &BTreeSet<String>, text: &str, name: &str) -> bool {
    words.contains(&name.to_lowercase()) || text.contains(&format!("\"{}\"", name.replace('"', "\"\"")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::archive::{DataState, Section};

    fn entry(dump_id: i32, desc: &str, tag: &str, definition: &str, dependencies: &[i32]) -> Entry {
        Entry {
            dump_id,
            table_oid: 0,
            oid: 0,
            tag: tag.into(),
            desc: desc.into(),
            section: Section::PreData,
            definition: definition.into(),
            drop: String::new(),
            copy: None,
            namespace: Some("public".into()),
            tablespace: None,
            owner: String::new(),
            had_dumper: false,
            dependencies: dependencies.to_vec(),
            file: None,
            state: DataState::Absent,
        }
    }

    #[test]
    fn what_a_check_reads_comes_first() {
        let entries = [
            entry(1, "FUNCTION", "known(integer)", "CREATE FUNCTION … AS $$SELECT ok($1)$$", &[]),
            entry(
                2,
                "FUNCTION",
                "ok(integer)",
                "CREATE FUNCTION … AS $$SELECT EXISTS (SELECT FROM \"Z\")$$",
                &[],
            ),
            entry(3, "TABLE", "a", "CREATE TABLE public.a (i int, CHECK (public.known(i)))", &[1]),
            entry(4, "TABLE", "Z", "CREATE TABLE public.\"Z\" (i int)", &[]),
            entry(5, "TABLE", "c", "CREATE TABLE public.c (i int)", &[]),
            entry(6, "TABLE DATA", "a", "", &[3]),
            entry(7, "TABLE DATA", "Z", "", &[4]),
            entry(8, "TABLE DATA", "c", "", &[5]),
            entry(9, "SEQUENCE SET", "s", "", &[]),
        ];
        let data: Vec<&Entry> = entries[5..].iter().collect();
        assert_eq!(batches(&entries, &data), [vec![7, 8, 9], vec![6]]);
    }

    #[test]
    fn tables_that_read_each_other_come_together() {
        let entries = [
            entry(1, "FUNCTION", "f(integer)", "SELECT FROM b", &[]),
            entry(2, "FUNCTION", "g(integer)", "SELECT FROM a", &[]),
            entry(3, "TABLE", "a", "CHECK (public.f(i))", &[]),
            entry(4, "TABLE", "b", "CHECK (public.g(i))", &[]),
            entry(5, "TABLE DATA", "a", "", &[3]),
            entry(6, "TABLE DATA", "b", "", &[4]),
        ];
        assert_eq!(batches(&entries, &[&entries[4], &entries[5]]), [[5, 6]]);
    }
}
