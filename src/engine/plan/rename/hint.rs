//! `-- renamed from: old_name` in the SQL of a schema: on the line of a column, a value or a CREATE, or above it. What is
//! found is a wish as `--rename` takes it.

use crate::pg::ident::Ident;
use crate::pg::statements::{name, tokens};

/// Kinds of things whose CREATE may say it; the longest name of a kind first.
const KINDS: [&[&str]; 11] = [
    &["materialized", "view"],
    &["foreign", "table"],
    &["table"],
    &["view"],
    &["type"],
    &["domain"],
    &["sequence"],
    &["index"],
    &["function"],
    &["procedure"],
    &["schema"],
];
/// Words between CREATE and the kind.
const BEFORE: [&str; 9] =
    ["or", "replace", "global", "local", "temp", "temporary", "unlogged", "unique", "recursive"];
const AFTER: [&str; 4] = ["concurrently", "if", "not", "exists"];

/// What the comments of a text say, in its order.
pub fn hints(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut statement = Statement::default();
    let mut end = 0;
    for token in tokens(text) {
        let start = token.as_ptr() as usize - text.as_ptr() as usize;
        statement.gap(&text[end..start], &mut found);
        end = start + token.len();
        if token == ";" && statement.depth == 0 {
            statement = Statement { ended: Some(statement.object), ..Statement::default() };
        } else {
            statement.token(token);
        }
    }
    statement.gap(&text[end..], &mut found);
    found
}

/// Something that is created.
#[derive(Debug, Clone, Default)]
struct Object {
    kind: String,
    schema: Option<String>,
    name: String,
}

/// What of a statement has been read.
#[derive(Debug, Default)]
struct Statement {
    object: Object,
    /// What the statement before created: a comment after its end is about it.
    ended: Option<Object>,
    /// The words before the name is whole.
    head: Vec<String>,
    depth: usize,
    /// The first token of what is being read inside the parentheses, or was last.
    element: Option<String>,
    /// Whether that has ended with a comma.
    is_over: bool,
    /// Old names that were said above what comes next.
    above: Vec<String>,
    /// The wishes for them, once it is known what that is.
    ready: Vec<String>,
}

impl Statement {
    /// White space and comments between two tokens.
    fn gap(&mut self, gap: &str, found: &mut Vec<String>) {
        found.append(&mut self.ready);
        for (at, line) in gap.split('\n').enumerate() {
            let Some(old) = said(line) else { continue };
            let is_beside = at == 0 && (!self.head.is_empty() || self.ended.is_some());
            if !is_beside {
                self.above.push(old);
            } else if self.head.is_empty() {
                found.extend(self.ended.as_ref().and_then(|object| object.wish(&old)));
            } else if let Some(element) = self.element.as_deref().filter(|_| self.depth > 0) {
                found.extend(self.object.part_wish(element, &old));
            } else if let Some(wish) = self.object.wish(&old) {
                found.push(wish);
            } else {
                // The name follows on another line.
                self.above.push(old);
            }
        }
    }

    fn token(&mut self, token: &str) {
        let is_first = self.head.is_empty();
        match token {
            "(" => self.depth += 1,
            ")" => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        if self.object.name.is_empty()
            || self.depth == 0 && token == "."
            || self.head.last().is_some_and(|last| last == ".")
        {
            self.read_head(token);
            if !self.object.name.is_empty() && !is_first && self.head.last().is_none_or(|last| last != ".") {
                self.tell_above(None);
            }
            return;
        }
        match token {
            "(" if self.depth == 1 => (self.element, self.is_over) = (None, true),
            "," if self.depth == 1 => self.is_over = true,
            ")" if self.depth == 0 => self.element = None,
            _ if self.depth == 1 && self.is_over => {
                (self.element, self.is_over) = (Some(token.to_owned()), false);
                self.tell_above(Some(token));
            }
            _ => {}
        }
        self.head.push(token.to_owned());
    }

    fn tell_above(&mut self, element: Option<&str>) {
        for old in std::mem::take(&mut self.above) {
            let wish = match element {
                Some(element) => self.object.part_wish(element, &old),
                None => self.object.wish(&old),
            };
            self.ready.extend(wish);
        }
    }

    /// The words of `CREATE … kind … schema.name`.
    fn read_head(&mut self, token: &str) {
        let word = token.to_ascii_lowercase();
        let is_create = self.head.first().map_or(word == "create", |first| first == "create");
        self.head.push(word.clone());
        if !is_create {
            // Nothing that could be renamed: a name that no wish is made of.
            self.object.name = " ".into();
            return;
        }
        if self.object.kind.is_empty() {
            let words: Vec<&str> =
                self.head[1..].iter().map(String::as_str).filter(|word| !BEFORE.contains(word)).collect();
            let kind = KINDS.iter().find(|kind| words == **kind);
            let is_begun = words.is_empty() || KINDS.iter().any(|kind| kind.starts_with(&words));
            match kind {
                Some(kind) => self.object.kind = kind.join(" "),
                None if is_begun => {}
                None => self.object.name = " ".into(),
            }
            return;
        }
        if AFTER.contains(&word.as_str()) || token == "." {
            return;
        }
        let Some(own) = name(token) else { return self.object.name = " ".into() };
        if !self.object.name.is_empty() {
            self.object.schema = Some(std::mem::take(&mut self.object.name));
        }
        self.object.name = own;
    }
}

/// The old name that a comment says.
fn said(line: &str) -> Option<String> {
    let (_, comment) = line.split_once("--")?;
    let comment = comment.trim();
    let words = "renamed from:";
    let begins = comment.get(..words.len())?.eq_ignore_ascii_case(words);
    Some(comment[words.len()..].trim().to_owned()).filter(|old| begins && !old.is_empty())
}

impl Object {
    fn path(&self) -> String {
        let own = Ident::new(&self.name);
        self.schema.as_ref().map_or(own.to_string(), |schema| format!("{}.{own}", Ident::new(schema)))
    }

    fn is_known(&self) -> bool {
        !self.kind.is_empty() && self.name.trim() == self.name && !self.name.is_empty()
    }

    /// That all of it had another name.
    fn wish(&self, old: &str) -> Option<String> {
        let moved = tokens(old).contains(&".");
        let (from, to) = match &self.schema {
            Some(schema) if !moved => {
                (format!("{}.{old}", Ident::new(schema)), Ident::new(&self.name).to_string())
            }
            _ if moved => (old.to_owned(), self.path()),
            _ => (old.to_owned(), Ident::new(&self.name).to_string()),
        };
        self.is_known().then(|| format!("{} {from}={to}", self.kind))
    }

    /// That a column or a value of it had another name.
    fn part_wish(&self, element: &str, old: &str) -> Option<String> {
        let (kind, own) = match (self.kind.as_str(), element.strip_prefix('\'')) {
            ("table" | "foreign table", None) => ("column", name(element)?),
            ("type", Some(label)) => ("value", label.strip_suffix('\'')?.replace("''", "'")),
            _ => return None,
        };
        let old = old
            .strip_prefix('\'')
            .and_then(|old| old.strip_suffix('\''))
            .map_or_else(|| old.to_owned(), |label| Ident::new(label.replace("''", "'")).to_string());
        self.is_known().then(|| format!("{kind} {}.{old}={}", self.path(), Ident::new(own)))
    }
}

#[cfg(test)]
mod tests {
    use super::hints;

    #[test]
    fn a_comment_beside_or_above_says_the_old_name() {
        let check = |text: &str, wanted: &[&str]| assert_eq!(hints(text), wanted, "{text}");
        check("-- renamed from: book\nCREATE TABLE volume (id int);", &["table book=\"volume\""]);
        check(
            "CREATE TABLE app.volume ( -- renamed from: book\n id int);",
            &["table \"app\".book=\"volume\""],
        );
        check(
            "CREATE TABLE app.volume (id int); -- Renamed from: public.book",
            &["table public.book=\"app\".\"volume\""],
        );
        let columns = "CREATE TABLE t (\n  a int, -- renamed from: x\n  -- renamed from: \"Y\"\n  b numeric(1, 2) DEFAULT f(1, 2),\n  c int -- renamed from: z\n);";
        check(columns, &["column \"t\".x=\"a\"", "column \"t\".\"Y\"=\"b\"", "column \"t\".z=\"c\""]);
        check(
            "CREATE TYPE mood AS ENUM ('sad', 'happy' -- renamed from: hapy\n);",
            &["value \"mood\".hapy=\"happy\""],
        );
        check("CREATE OR REPLACE VIEW v AS SELECT 1; -- renamed from: w", &["view w=\"v\""]);
        check("CREATE MATERIALIZED VIEW IF NOT EXISTS v AS\n-- renamed from: w\nSELECT 1", &[]);
    }

    #[test]
    fn what_is_no_comment_or_says_nothing_is_passed_over() {
        for text in [
            "SELECT '-- renamed from: a'; CREATE TABLE t (a text DEFAULT '-- renamed from: x')",
            "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$\n-- renamed from: x\nSELECT 1 $$",
            "CREATE TABLE t (id int) -- was renamed from: x",
            "-- renamed from: x\nINSERT INTO t VALUES (1); -- renamed from: y",
            "CREATE TABLE t (-- renamed from:\n a int)",
            "-- renamed from: x",
        ] {
            assert_eq!(hints(text), Vec::<String>::new(), "{text}");
        }
    }
}
