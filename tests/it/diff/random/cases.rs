//! Which cases run: how many, from which seed, and how a failed one becomes small. `PGKEEL_DIFF_CASES` says how many,
//! `PGKEEL_DIFF_SEED` which.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::support::cluster::variable;

use super::act::{Action, Focus, Op, ops};
use super::model::Model;

/// An old and a new schema.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) old: Model,
    pub(super) new: Model,
}

/// What went wrong with a case; failures of one cause are told once.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) cause: String,
    pub(super) detail: String,
}

/// What the tests together run by default.
const CASES: u64 = 64;

/// How often a failed case is made smaller.
const SHRINKS: usize = 300;

fn number(name: &str) -> Option<u64> {
    variable(name).map(|value| value.to_str().and_then(|text| text.parse().ok()).expect("a number"))
}

/// A test's part of all cases.
pub(super) fn part(parts: u64) -> u64 {
    number("PGKEEL_DIFF_CASES").unwrap_or(CASES).div_ceil(parts)
}

pub(super) fn runner(focus: Focus) -> TestRunner {
    let seed = number("PGKEEL_DIFF_SEED").unwrap_or(1) * 1000 + focus as u64;
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    TestRunner::new_with_rng(Config { failure_persistence: None, ..Config::default() }, rng)
}

pub(super) fn case((making, changes): &(Vec<Op>, Vec<Op>), seen: &mut impl FnMut(Action)) -> Case {
    let old = Model::empty().after(making, seen);
    let new = old.after(changes, seen);
    Case { old, new }
}

/// Checks random cases; at the end, fails with each cause that was found and the smallest case that shows it.
pub(super) fn check(
    focus: Focus,
    cases: u64,
    major: u32,
    mut check: impl FnMut(&Case) -> Result<(), Failure>,
) {
    let mut runner = runner(focus);
    let strategy = ops(focus);
    let mut causes: BTreeMap<String, usize> = BTreeMap::new();
    for _ in 0..cases {
        let mut tree = strategy.new_tree(&mut runner).expect("nothing is filtered");
        let found = case(&tree.current(), &mut |_| {});
        let Err(failure) = check(&found) else { continue };
        if let Some(count) = causes.get_mut(&failure.cause) {
            *count += 1;
            continue;
        }
        let (small, failure) =
            shrink(&mut tree, failure, &mut check).unwrap_or_else(|failure| (found, failure));
        eprintln!("=== {focus:?}: {}\n{}", failure.cause, report(&small, &failure, major));
        causes.insert(failure.cause, 1);
    }
    let mut text = String::new();
    for (cause, count) in &causes {
        writeln!(text, "{count} x {cause}").expect("a String takes all");
    }
    assert!(causes.is_empty(), "{focus:?}: {} causes in {cases} cases, shown above\n{text}", causes.len());
}

/// The smallest case with the same cause that proptest finds.
fn shrink(
    tree: &mut impl ValueTree<Value = (Vec<Op>, Vec<Op>)>,
    failure: Failure,
    check: &mut impl FnMut(&Case) -> Result<(), Failure>,
) -> Result<(Case, Failure), Failure> {
    let mut smallest = None;
    let mut detail = failure.detail;
    let mut simpler = tree.simplify();
    for _ in 0..SHRINKS {
        if !simpler {
            break;
        }
        let found = case(&tree.current(), &mut |_| {});
        match check(&found) {
            Err(other) if other.cause == failure.cause => {
                detail = other.detail;
                smallest = Some(found);
                simpler = tree.simplify();
            }
            _ => simpler = tree.complicate(),
        }
    }
    let failure = Failure { cause: failure.cause, detail };
    match smallest {
        Some(case) => Ok((case, failure)),
        None => Err(failure),
    }
}

fn report(case: &Case, failure: &Failure, major: u32) -> String {
    format!("{}\n--- old.sql\n{}--- new.sql\n{}", failure.detail, case.old.sql(major), case.new.sql(major))
}
