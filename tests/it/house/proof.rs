//! Each rule of the house finds a snippet that breaks it, on its line, and leaves a good one alone.

use super::*;

#[track_caller]
fn check(rule: impl Fn(&Source) -> Vec<Finding>, name: &str, text: &str, lines: &[usize]) {
    let found = rule(&Source::new(name, text));
    let at: Vec<_> = found.iter().map(|(line, _)| *line).collect();
    assert_eq!(at, lines, "findings in {name}: {found:#?}");
}

#[test]
fn an_arrow_upwards_is_found_however_it_is_written() {
    check(arrows, "src/engine/plan/mod.rs", "use crate::pg::ident;\nuse crate::ui::Ui;", &[2]);
    check(arrows, "src/engine/mod.rs", "use crate::{\n  pg::{url, error as e},\n  config::Config,\n};", &[3]);
    check(arrows, "src/engine/mod.rs", "fn f(ui: &mut crate::ui::Ui) {}", &[1]);
    check(arrows, "src/engine/mod.rs", "use super::context::Context;", &[1]);
    check(arrows, "src/engine/lint/mod.rs", "use super::super::commands;", &[1]);
    check(arrows, "src/pg/url.rs", "fn f() -> Vec<crate::engine::Plan> { Vec::new() }", &[1]);
    check(arrows, "src/context.rs", "use crate::engine::Event;", &[1]);
    check(arrows, "src/main.rs", "use pgkeel::engine;\nfn main() { pgkeel::run() }", &[1]);
    check(arrows, "src/helpers.rs", "", &[1]);
    check(arrows, "src/ui/mod.rs", "pub(in crate::pg) fn f() {}", &[1]);
}

#[test]
fn an_arrow_downwards_a_comment_and_a_text_are_no_findings() {
    check(arrows, "src/commands/status.rs", "use crate::{engine, pg, ui::Ui, exit::Outcome};", &[]);
    check(
        arrows,
        "src/engine/mod.rs",
        "// crate::ui\n/* crate::ui /* */ crate::ui */ const A: &str = \"crate::ui\";",
        &[],
    );
    check(
        arrows,
        "src/pg/url.rs",
        "const A: &str = r#\"\"crate::ui\"#; const B: char = '\"'; use crate::ui;",
        &[1],
    );
    check(arrows, "src/pg/url.rs", "fn f<'a>(x: &'a str) -> &'a str { x } // 'crate::ui'", &[]);
    check(
        arrows,
        "src/engine/mod.rs",
        "pub(crate) struct A;\nimpl A { fn b() { Self::c(); self::d(); } }",
        &[],
    );
    check(
        arrows,
        "src/engine/mod.rs",
        "mod tests {\n  use super::*;\n  use super::super::ui;\n}\nuse super::pg;",
        &[3],
    );
    check(arrows, "src/lib.rs", "pub use crate::cli::run;", &[]);
}

#[test]
fn a_terminal_in_the_engine_is_found() {
    check(silence, "src/engine/mod.rs", "use clap::Parser;\n#[derive(clap::Args)]\nstruct A;", &[1, 2]);
    check(
        silence,
        "src/pg/mod.rs",
        "fn f() {\n  println!(\"x\");\n  writeln!(std::io::stderr());\n}",
        &[3, 2],
    );
    check(silence, "src/pg/mod.rs", "use std::{fmt, io::{self, stdout}};\nuse indicatif;", &[1, 2]);
    check(
        silence,
        "src/pg/mod.rs",
        "fn f(console: u8) { command.stdout(Stdio::piped()); console.len(); }",
        &[],
    );
    check(silence, "src/ui/mod.rs", "use console::Term;", &[]);
}

#[test]
fn a_command_that_names_another_is_found() {
    let siblings = ["status", "deploy", "watch"].map(str::to_owned);
    let loners = |source: &Source| loners(source, &siblings);
    check(loners, "src/commands/status.rs", "use crate::commands::{deploy, watch};", &[1]);
    check(loners, "src/commands/status.rs", "use super::deploy::Args;\nuse super::watch::Watch;", &[1]);
    check(loners, "src/commands/status.rs", "use super::*;\nmod tests { use super::*; }", &[1]);
    check(loners, "src/commands/deploy/plan.rs", "use super::Args;\nuse super::super::status;", &[2]);
    check(loners, "src/commands/mod.rs", "pub(crate) use self::status::Args;", &[]);
}

#[test]
fn a_connection_or_a_path_in_a_pure_module_is_found() {
    check(
        purity,
        "src/engine/diff/mod.rs",
        "use crate::pg::Session;\nfn f(c: &mut PgConnection) {}",
        &[1, 2],
    );
    check(
        purity,
        "src/engine/guard.rs",
        "use std::{fmt, path::Path};\nfn f() { std::fs::read(\"\"); }",
        &[1, 2],
    );
    check(purity, "src/pg/statements/lexer.rs", "mod tests { use std::fs; }", &[]);
    check(purity, "src/pg/statements/tests.rs", "use std::fs;", &[]);
    check(purity, "src/commands/lint.rs", "use std::path::Path;", &[]);
}

#[test]
fn a_missing_header_an_allow_and_unsafe_code_are_found() {
    check(header, "src/ui/mod.rs", "// Ui\n", &[1]);
    check(header, "src/ui/mod.rs", "//! Ui\n", &[]);
    check(
        exceptions,
        "src/ui/mod.rs",
        "//! Ui\n#[allow(dead_code)]\n#![allow(x)]\nfn allow(x: u8) {}",
        &[2, 3],
    );
    check(unsafety, "src/ui/mod.rs", "// unsafe\n#![expect(unsafe_code)]\nfn f() { unsafe {} }", &[3]);
    check(unsafety, "src/pg/libpq.rs", "fn f() { unsafe {} }", &[]);
    assert!(mentions(concat!("see /wo", "rk/main"), concat!("/wo", "rk/")));
    assert!(!mentions(concat!("src/wo", "rk/main"), concat!("/wo", "rk/")));
}
