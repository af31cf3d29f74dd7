//! Text search: parsers, templates, dictionaries, configurations.

use std::collections::BTreeMap;

use crate::engine::catalog::Fact;

use super::super::sql::{Change, Sql};
use super::{Cx, Rules, object};
use crate::pg::ident::Tidy;

pub(super) struct Parser;

impl Rules for Parser {
    fn create(&self, _: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        created(fact, &["start", "gettoken", "end", "headline", "lextypes"])
    }
}

pub(super) struct Template;

impl Rules for Template {
    fn create(&self, _: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        created(fact, &["init", "lexize"])
    }
}

fn created(fact: &Fact, names: &[&str]) -> Vec<Sql> {
    let part = |name: &&str| Some(format!("{} = {}", name.to_uppercase(), fact.get(name)?));
    let parts: Vec<String> = names.iter().filter_map(part).collect();
    vec![Sql::new(format!("CREATE {} ({})", object(fact), parts.join(", ")))]
}

pub(super) struct Dictionary;

impl Rules for Dictionary {
    fn create(&self, _: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        let options = fact.get("options").map(|options| format!(", {options}")).unwrap_or_default();
        vec![Sql::new(format!("CREATE {} (TEMPLATE = {}{options})", object(fact), fact.text("template")))]
    }

    fn alter(&self, _: &Cx<'_>, was: &Fact, is: &Fact, attributes: &[&str]) -> Change {
        if attributes != ["options"] {
            return Change::Replace;
        }
        let (before, after) = (options(was.text("options")), options(is.text("options")));
        let gone = before.keys().filter(|name| !after.contains_key(*name)).cloned();
        let set = after.iter().filter(|(name, value)| before.get(*name) != Some(value));
        let parts: Vec<String> = gone.chain(set.map(|(name, value)| format!("{name} = {value}"))).collect();
        Change::InPlace(vec![Sql::new(format!("ALTER {} ({})", object(is), parts.join(", ")))])
    }
}

/// A dictionary's options as PostgreSQL keeps them: `name = 'value', name = 'value'`.
fn options(text: &str) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let mut rest = text;
    while let Some((name, after)) = rest.split_once(" = ") {
        let end = literal_end(after);
        all.insert(name.to_owned(), after[..end].to_owned());
        rest = after[end..].strip_prefix(", ").unwrap_or_default();
    }
    all
}

/// Where a literal ends, or a bare word.
fn literal_end(text: &str) -> usize {
    let mut inside = false;
    for (at, c) in text.char_indices() {
        match c {
            '\'' => inside = !inside,
            ',' if !inside => return at,
            _ => {}
        }
    }
    text.len()
}

pub(super) struct Configuration;

impl Rules for Configuration {
    fn create(&self, _: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        let mut all = vec![Sql::new(format!("CREATE {} (PARSER = {})", object(fact), fact.text("parser")))];
        all.extend(
            mappings(fact).iter().map(|(token, dictionaries)| mapped(fact, "ADD", token, dictionaries)),
        );
        all
    }

    fn alter(&self, _: &Cx<'_>, was: &Fact, is: &Fact, attributes: &[&str]) -> Change {
        if attributes != ["mappings"] {
            return Change::Replace;
        }
        let (before, after) = (mappings(was), mappings(is));
        let mut all = Vec::new();
        for token in before.keys().filter(|token| !after.contains_key(*token)) {
            all.push(Sql::new(format!("ALTER {} DROP MAPPING FOR {}", object(is), Tidy(token))));
        }
        for (token, dictionaries) in &after {
            match before.get(token) {
                Some(old) if old == dictionaries => {}
                Some(_) => all.push(mapped(is, "ALTER", token, dictionaries)),
                None => all.push(mapped(is, "ADD", token, dictionaries)),
            }
        }
        Change::InPlace(all)
    }
}

fn mappings(fact: &Fact) -> BTreeMap<String, String> {
    let pair = |fields: Vec<String>| {
        let mut fields = fields.into_iter();
        Some((fields.next()?, fields.next()?))
    };
    fact.entries("mappings").into_iter().filter_map(pair).collect()
}

fn mapped(fact: &Fact, word: &str, token: &str, dictionaries: &str) -> Sql {
    Sql::new(format!("ALTER {} {word} MAPPING FOR {} WITH {dictionaries}", object(fact), Tidy(token)))
}

#[cfg(test)]
mod tests {
    use super::options;

    #[test]
    fn options_are_cut_where_their_literals_end() {
        let check = |text: &str, wanted: &[(&str, &str)]| {
            let found: Vec<(String, String)> = options(text).into_iter().collect();
            let wanted: Vec<(String, String)> =
                wanted.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            assert_eq!(found, wanted, "{text}");
        };
        check("", &[]);
        check("language = 'english'", &[("language", "'english'")]);
        check("a = 'it''s, b = ''c''', d = 3", &[("a", "'it''s, b = ''c'''"), ("d", "3")]);
        check("\"Odd\" = E'a\\\\b'", &[("\"Odd\"", "E'a\\\\b'")]);
    }
}
