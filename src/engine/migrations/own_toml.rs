//! A migration's own pgkeel.toml: what Diesel has no word for. Unknown keys are findings: one that is mistyped must not be
//! passed over in silence.

use std::path::Path;

use crate::pg::plain;
use crate::pg::statements;

use super::finding::{Finding, Severity};
use super::replaced::Item;

/// Its name in a migration's folder.
pub const FILE: &str = "pgkeel.toml";

/// What `replaces` says, where the file is there and says it.
///
/// # Errors
/// What the file system says, but for there being no file.
pub(super) fn read(dir: &Path, findings: &mut Vec<Finding>) -> std::io::Result<Option<Vec<Item>>> {
    let file = dir.join(FILE);
    let text = match plain::read_to_string(&file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        text => text?,
    };
    let (items, wrong) = parse(&text);
    findings.extend(wrong.into_iter().map(|(line, message)| Finding {
        severity: Severity::Blocking,
        file: file.clone(),
        line,
        message,
        remedy: "a migration's pgkeel.toml holds `replaces = [\"VERSION\", …]` only, which `pgkeel migrate squash` writes".into(),
    }));
    Ok(items)
}

/// The text of the file.
pub fn text(items: &[Item]) -> String {
    let mut text = String::from(
        "# What this migration stands for. A database that has all of these is marked, one that has some runs the\n\
         # rest from `.replaced` beside it, one that has none runs this migration alone.\nreplaces = [\n",
    );
    for item in items {
        text.push_str(&format!("  {},\n", written(item)));
    }
    text.push_str("]\n");
    text
}

fn written(item: &Item) -> String {
    match item {
        Item::One(version) => toml::Value::String(version.clone()).to_string(),
        Item::Squashed(items) => format!("[{}]", items.iter().map(written).collect::<Vec<_>>().join(", ")),
    }
}

/// What is wrong, on which line.
type Wrong = (Option<u32>, String);

fn parse(text: &str) -> (Option<Vec<Item>>, Vec<Wrong>) {
    let table = match text.parse::<toml::Table>() {
        Ok(table) => table,
        Err(error) => {
            let line = error.span().map(|span| statements::position(text, span.start).line);
            return (None, vec![(line, format!("the file is not valid TOML ({})", error.message()))]);
        }
    };
    let mut wrong = Vec::new();
    let mut items = None;
    for (key, value) in &table {
        let line = line_of_key(text, key);
        if key != "replaces" {
            wrong.push((line, format!("the key `{key}` is not known")));
            continue;
        }
        match list(value) {
            Some(found) => items = Some(found),
            None => wrong.push((line, "`replaces` is no list of versions".into())),
        }
    }
    (items, wrong)
}

fn list(value: &toml::Value) -> Option<Vec<Item>> {
    let all = value.as_array().filter(|all| !all.is_empty())?;
    all.iter()
        .map(|one| match one {
            toml::Value::String(version) => Some(Item::One(version.clone())),
            other => list(other).map(Item::Squashed),
        })
        .collect()
}

fn line_of_key(text: &str, key: &str) -> Option<u32> {
    let begins = |line: &str| {
        let line = line.trim_start().trim_start_matches(['"', '\'', '[']);
        line.strip_prefix(key)
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
    };
    text.lines().position(begins).and_then(|n| u32::try_from(n + 1).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let one = |version: &str| Item::One(version.to_owned());
        let items = vec![Item::Squashed(vec![one("1"), one("2")]), one("3"), one("4\"'")];
        assert_eq!(parse(&text(&items)), (Some(items), vec![]));
    }

    #[test]
    fn what_is_not_known_is_told_with_its_line() {
        let check = |text: &str, expected: &[(Option<u32>, &str)]| {
            let wrong = parse(text).1;
            let found: Vec<_> = wrong.iter().map(|(line, what)| (*line, what.as_str())).collect();
            assert_eq!(found, expected);
        };
        check("# x\nreplace = ['1']\n", &[(Some(2), "the key `replace` is not known")]);
        check("replaces = '1'", &[(Some(1), "`replaces` is no list of versions")]);
        check("replaces = []", &[(Some(1), "`replaces` is no list of versions")]);
        check("\n[lint]\nx = 1", &[(Some(2), "the key `lint` is not known")]);
        assert_eq!(parse("\nreplaces = [").1[0].0, Some(2));
    }
}
