//! Which cases run: how many, from which seed, and how a failed one becomes small. `PGKEEL_DIFF_CASES` says how many,
//! `PGKEEL_DIFF_SEED` which.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::support::cluster::variable;

use super::act::{Action, Focus, Op, ops};
use super::model::{Id, Model, Object, Parent, Table, What};

/// An old and a new schema.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) old: Model,
    pub(super) new: Model,
}

impl Case {
    /// Do the same tables inherit from the same ones, before and after?
    pub(super) fn inherits_alike(&self) -> bool {
        let inherits = |model: &Model| -> Vec<_> {
            let pair = |(id, object): (&Id, &Object)| match &object.what {
                What::Table(Table { parent: parent @ Parent::Inherits(of), .. }) => {
                    let names = (&object.name, &model.objects[of].name);
                    Some((*id, parent.clone(), names.0.clone(), names.1.clone()))
                }
                _ => None,
            };
            model.objects.iter().filter_map(pair).collect()
        };
        inherits(&self.old) == inherits(&self.new)
    }
}

/// What makes a schema, and what changes it.
pub(super) type Ops = (Vec<Op>, Vec<Op>);

/// What went wrong with a case; failures of one cause are told once.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) cause: String,
    pub(super) detail: String,
}

/// What the tests together run by default.
const CASES: u64 = 64;

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

pub(super) fn case((making, changes): &Ops, seen: &mut impl FnMut(Action)) -> Case {
    let old = Model::empty().after(making, seen);
    let new = old.after(changes, seen);
    Case { old, new }
}

/// Checks random cases; at the end, fails with each cause that was found and the smallest case that shows it. The
/// check gets a case's number too.
pub(super) fn check(
    focus: Focus,
    cases: u64,
    major: u32,
    mut check: impl FnMut(u64, &Case) -> Result<(), Failure>,
) {
    let mut runner = runner(focus);
    let strategy = ops(focus);
    let mut causes: BTreeMap<String, usize> = BTreeMap::new();
    for number in 0..cases {
        let mut check = |case: &Case| check(number, case);
        let ops = strategy.new_tree(&mut runner).expect("nothing is filtered").current();
        let found = case(&ops, &mut |_| {});
        let Err(failure) = check(&found) else { continue };
        if let Some(count) = causes.get_mut(&failure.cause) {
            *count += 1;
            continue;
        }
        let (small, failure) = shrink(ops, failure, &mut check);
        eprintln!("=== {focus:?}: {}\n{}", failure.cause, report(&small, &failure, major));
        causes.insert(failure.cause, 1);
    }
    let mut text = String::new();
    for (cause, count) in &causes {
        writeln!(text, "{count} x {cause}").expect("a String takes all");
    }
    assert!(causes.is_empty(), "{focus:?}: {} causes in {cases} cases, shown above\n{text}", causes.len());
}

/// The operations that are left when each was tried without, and then with the plainest choices.
///
/// proptest's own way is to halve every number, which is a thousand checks of a second each.
fn shrink(
    ops: Ops,
    failure: Failure,
    check: &mut impl FnMut(&Case) -> Result<(), Failure>,
) -> (Case, Failure) {
    let (mut smallest, mut failure) = (ops, failure);
    for plain in [false, true] {
        for at in (0..smallest.0.len() + smallest.1.len()).rev() {
            let mut tried = smallest.clone();
            let making = tried.0.len();
            let (list, at) = if at < making { (&mut tried.0, at) } else { (&mut tried.1, at - making) };
            if plain {
                list[at].make_plain();
            } else {
                list.remove(at);
            }
            let found = case(&tried, &mut |_| {});
            if let Err(other) = check(&found)
                && other.cause == failure.cause
            {
                (smallest, failure) = (tried, other);
            }
        }
    }
    (case(&smallest, &mut |_| {}), failure)
}

fn report(case: &Case, failure: &Failure, major: u32) -> String {
    format!("{}\n--- old.sql\n{}--- new.sql\n{}", failure.detail, case.old.sql(major), case.new.sql(major))
}
