//! The house has rules: which layer may name which, what stays pure, where `unsafe` lives, what the top level holds.
//! Each failure says file, line and rule. The rules are those of `ARCHITECTURE.md`.

mod proof;
mod scan;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use scan::{Named, Token};

/// Who may name whom. `lib.rs` lists all modules and is not asked.
const ARROWS: &[(&str, &[&str])] = &[
    ("main", &["cli", "run"]),
    ("cli", &["commands", "context", "exit", "config"]),
    ("context", &["config", "ui", "pg"]),
    ("exit", &["ui", "engine", "pg"]),
    ("commands", &["engine", "pg", "ui", "config", "context", "exit"]),
    ("engine", &["pg"]),
    ("config", &["pg"]),
    ("ui", &[]),
    ("pg", &[]),
];

/// What talks to people or reads settings: not for `engine` and `pg`.
const FOR_PEOPLE: &[&str] = &["clap", "comfy_table", "indicatif", "dotenvy", "dialoguer", "console"];

/// Below `engine` and `pg`: values in, values out.
const PURE: &[&str] = &[
    "archive",
    "diff",
    "emit",
    "order",
    "reconcile",
    "retention",
    "guard",
    "ignore",
    "lint",
    "lists",
    "manifest",
    "merge",
    "statements",
    "verdict",
];

const PRINTING: &[&str] = &["print", "println", "eprint", "eprintln", "dbg"];

/// What only one file may name, each because of the unsafe code that goes with it.
const ONE_FILE_EACH: &[&str] = &["pq_sys", "pre_exec", "remove_var"];

const TOP_LEVEL: &[&str] = &[
    "Cargo.toml",
    "diesel.toml",
    "examples",
    "migrations",
    "src",
    "src/commands",
    "tests",
    "README.md",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "LICENSE-APACHE",
    "LICENSE-MIT",
];

#[test]
fn layers_name_only_the_layers_below_them() {
    report(&sources("src"), arrows);
}

#[test]
fn engine_and_pg_neither_print_nor_know_the_terminal() {
    report(&sources("src"), silence);
}

#[test]
fn commands_do_not_name_each_other() {
    let sources = sources("src");
    let siblings = commands(&sources);
    report(&sources, |source| loners(source, &siblings));
}

#[test]
fn pure_modules_take_no_connection_and_no_path() {
    report(&sources("src"), purity);
}

#[test]
fn every_file_opens_with_its_header() {
    report(&all_sources(), header);
}

#[test]
fn exceptions_from_lints_state_their_reason() {
    report(&all_sources(), exceptions);
}

#[test]
fn unsafe_code_lives_below_pg_only() {
    report(&all_sources(), unsafety);
}

#[test]
fn one_file_owns_each_unsafe_use() {
    let sources = sources("src");
    for name in ONE_FILE_EACH {
        let owners: Vec<_> = sources
            .iter()
            .filter(|source| scan::tokens(&source.text).iter().any(|token| token.text == *name))
            .map(|source| source.name.as_str())
            .collect();
        assert!(owners.len() <= 1, "`{name}` has one owner, but these files name it: {}", owners.join(", "));
    }
}

#[test]
fn the_top_level_holds_what_people_look_for() {
    let missing: Vec<_> = TOP_LEVEL.iter().filter(|name| !root().join(name).exists()).collect();
    assert!(missing.is_empty(), "missing at the top level: {missing:?}");
}

#[test]
fn no_file_mentions_the_machine_it_was_written_on() {
    // In two pieces, so that this file does not mention them either.
    let places = [concat!("/wo", "rk/"), concat!("/fa", "rm/")];
    let mut files = Vec::new();
    walk(&root(), &mut files);
    let mut found = String::new();
    for file in files {
        let Ok(text) = std::fs::read_to_string(&file) else { continue };
        for (number, line) in text.lines().enumerate() {
            if places.iter().any(|place| mentions(line, place)) {
                writeln!(found, "{}:{}: {}", relative(&file), number + 1, line.trim())
                    .expect("a String takes all");
            }
        }
    }
    assert!(found.is_empty(), "a path of one machine means nothing on another:\n{found}");
}

// --- the rules ---------------------------------------------------------------------------------------------------------

/// A source file: its name from the repository root, where it stands in the crate, and its text.
struct Source {
    name: String,
    module: Vec<String>,
    text: String,
}

/// A broken rule, on its line.
type Finding = (usize, String);

impl Source {
    fn new(name: &str, text: &str) -> Source {
        let inside = name.trim_start_matches("src/").trim_end_matches(".rs");
        let module =
            inside.split('/').filter(|part| !matches!(*part, "mod" | "lib")).map(str::to_owned).collect();
        Source { name: name.to_owned(), module, text: text.to_owned() }
    }

    fn layer(&self) -> &str {
        self.module.first().map_or("lib", String::as_str)
    }

    fn named(&self) -> Vec<Named> {
        // The binary is a crate of its own: `main` is nobody's module.
        if self.layer() == "main" {
            scan::paths(&self.text, &[])
        } else {
            scan::paths(&self.text, &self.module)
        }
    }
}

fn arrows(source: &Source) -> Vec<Finding> {
    let layer = source.layer();
    if layer == "lib" {
        return Vec::new();
    }
    let Some((_, below)) = ARROWS.iter().find(|(name, _)| *name == layer) else {
        return vec![(1, format!("`{layer}` is not a layer of this house: it has no arrows"))];
    };
    let mut found = Vec::new();
    for named in source.named() {
        let [crate_, target, ..] = named.path.as_slice() else { continue };
        if crate_ == "crate" && target != layer && !below.contains(&target.as_str()) {
            found.push((named.line, format!("`{layer}` may name {below:?}, not `{target}`")));
        }
    }
    found
}

fn silence(source: &Source) -> Vec<Finding> {
    if !matches!(source.layer(), "engine" | "pg") {
        return Vec::new();
    }
    let mut found = Vec::new();
    for named in source.named() {
        if FOR_PEOPLE.contains(&named.path[0].as_str()) {
            found.push((named.line, format!("`{}` does not name `{}`", source.layer(), named.path[0])));
        }
        if named.starts_with(&["std", "io", "stdout"]) || named.starts_with(&["std", "io", "stderr"]) {
            found.push((named.line, format!("`{}` prints nothing: it returns values", source.layer())));
        }
    }
    for pair in scan::tokens(&source.text).windows(2) {
        if PRINTING.contains(&pair[0].text.as_str()) && pair[1].text == "!" {
            found.push((pair[0].line, format!("`{}` prints nothing: `{}!`", source.layer(), pair[0].text)));
        }
    }
    found
}

/// Modules of `commands` that are no command: what several of them share.
const SHARED: &[&str] = &[
    "ask",
    "backup_first",
    "backups",
    "compared",
    "drafts",
    "drifting",
    "generated",
    "open",
    "restoring",
    "said",
    "seed_choice",
    "sources",
    "watch",
    "wishes",
];

fn loners(source: &Source, siblings: &[String]) -> Vec<Finding> {
    let [layer, own, ..] = source.module.as_slice() else { return Vec::new() };
    if layer != "commands" {
        return Vec::new();
    }
    let mut found = Vec::new();
    for named in source.named() {
        let [crate_, layer, other, ..] = named.path.as_slice() else { continue };
        let foreign =
            other == "*" || (siblings.contains(other) && other != own && !SHARED.contains(&other.as_str()));
        if crate_ == "crate" && layer == "commands" && foreign {
            let rule =
                format!("commands do not name each other: what `{own}` and `{other}` share moves down");
            found.push((named.line, rule));
        }
    }
    found
}

fn purity(source: &Source) -> Vec<Finding> {
    let pure = matches!(source.layer(), "engine" | "pg")
        && source.module.iter().skip(1).any(|part| PURE.contains(&part.as_str()));
    if !pure {
        return Vec::new();
    }
    let mut found = Vec::new();
    // Their tests may read cases from files.
    for named in source.named().iter().filter(|named| !named.in_tests) {
        if named.starts_with(&["std", "fs"]) || named.starts_with(&["std", "path"]) {
            found.push((named.line, format!("a pure module takes no path: `{}`", named.path.join("::"))));
        }
    }
    for token in scan::tokens(&source.text) {
        if matches!(token.text.as_str(), "Session" | "PgConnection") {
            found.push((token.line, format!("a pure module takes no connection: `{}`", token.text)));
        }
    }
    found
}

fn header(source: &Source) -> Vec<Finding> {
    if source.text.starts_with("//! ") {
        Vec::new()
    } else {
        vec![(1, "a file opens with `//!`: what it owns, what it must not do".to_owned())]
    }
}

fn exceptions(source: &Source) -> Vec<Finding> {
    let tokens = scan::tokens(&source.text);
    let opens = |three: &[Token]| three[0].text == "[" && three[1].text == "allow" && three[2].text == "(";
    let rule = "an exception is `#[expect(lint, reason = \"…\")]`, never `allow`";
    tokens.windows(3).filter(|three| opens(three)).map(|three| (three[1].line, rule.to_owned())).collect()
}

fn unsafety(source: &Source) -> Vec<Finding> {
    if source.name.starts_with("src/pg/") {
        return Vec::new();
    }
    let tokens = scan::tokens(&source.text);
    let rule = "unsafe code lives below `src/pg/` only";
    tokens.iter().filter(|token| token.text == "unsafe").map(|token| (token.line, rule.to_owned())).collect()
}

// --- files -------------------------------------------------------------------------------------------------------------

fn report(sources: &[Source], rule: impl Fn(&Source) -> Vec<Finding>) {
    assert!(!sources.is_empty(), "no source files below `{}`", root().display());
    let mut text = String::new();
    for source in sources {
        for (line, finding) in rule(source) {
            writeln!(text, "{}:{line}: {finding}", source.name).expect("a String takes all");
        }
    }
    assert!(text.is_empty(), "the house has rules:\n{text}");
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn relative(file: &Path) -> String {
    file.strip_prefix(root()).unwrap_or(file).display().to_string()
}

fn sources(folder: &str) -> Vec<Source> {
    let mut files = Vec::new();
    walk(&root().join(folder), &mut files);
    files.retain(|file| file.extension().is_some_and(|extension| extension == "rs"));
    let read = |file: &PathBuf| std::fs::read_to_string(file).expect("source files are UTF-8");
    files.iter().map(|file| Source::new(&relative(file), &read(file))).collect()
}

fn all_sources() -> Vec<Source> {
    let mut all = sources("src");
    all.extend(sources("tests"));
    // What other tools wrote is recorded there, as they wrote it.
    all.retain(|source| !source.name.starts_with("tests/cases/"));
    all
}

fn commands(sources: &[Source]) -> Vec<String> {
    let second =
        |source: &Source| (source.layer() == "commands").then(|| source.module.get(1).cloned()).flatten();
    sources.iter().filter_map(second).collect()
}

/// All files below `folder`, sorted, without what git ignores or what tools keep for themselves.
fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries =
        std::fs::read_dir(folder).unwrap_or_else(|e| panic!("cannot read `{}`: {e}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("a folder can be listed").path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().expect("entries have names").to_string_lossy().into_owned();
        let ours = !name.starts_with('.')
            || matches!(name.as_str(), ".ci" | ".github" | ".env.example" | ".gitignore");
        let kept = ["target", "backups", "fuzz/target", "fuzz/corpus", "fuzz/artifacts", "fuzz/coverage"];
        if !ours || kept.contains(&relative(&path).as_str()) {
            continue;
        }
        if path.is_dir() { walk(&path, files) } else { files.push(path) }
    }
}

/// Is `place` in this line as the beginning of a path, not in the middle of one?
fn mentions(line: &str, place: &str) -> bool {
    let begins = |at: usize| {
        !line[..at].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '*'))
    };
    line.match_indices(place).any(|(at, _)| begins(at))
}
