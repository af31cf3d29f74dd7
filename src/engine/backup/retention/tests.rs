//! Each rule by an example, and what must hold for any history under any policy.

use proptest::prelude::*;

use super::*;
use crate::engine::backup::manifest::{
    FORMAT, LargeObjects, Layout, Migrations, Pin, Snapshot, Source, Verification,
};
use crate::engine::properties::Properties;

/// A backup of the database `shop`; `at` is in hours since 2026-01-01, a Thursday.
#[derive(Debug, Clone, Default)]
struct Taken {
    at: i64,
    database: u8,
    before: bool,
    schema_only: bool,
    pinned: bool,
    label: Option<u8>,
    proved: Option<Level>,
    damaged: bool,
}

fn start() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-01-01T00:30:00Z").unwrap().to_utc()
}

fn example(id: BackupId, at: DateTime<Utc>) -> Manifest {
    Manifest {
        checksum: String::new(),
        format: FORMAT,
        id,
        sequence: 0,
        label: None,
        reason: Reason::Manual,
        pinned: None,
        scope: Scope::Full,
        layout: Layout::Directory,
        created_at: at,
        finished_at: at,
        tool: String::new(),
        pg_dump: String::new(),
        pg_restore_min_major: 15,
        source: Source {
            database: String::new(),
            oid: 0,
            server: String::new(),
            system_identifier: None,
            server_version: 150_000,
            environment: None,
            role: String::new(),
            bytes: 0,
            properties: Properties::default(),
            session: vec![],
        },
        snapshot: Snapshot { at, lsn: None, snapshot: String::new() },
        migrations: Migrations::default(),
        extensions: vec![],
        roles: vec![],
        tables: vec![],
        sequences: vec![],
        large_objects: LargeObjects::default(),
        files: vec![],
        compression: String::new(),
        encryption: None,
        schema_sha256: None,
        dump_ms: 0,
        check_ms: 0,
        verifications: vec![],
        by_hand: vec![],
        code: None,
        findings: None,
    }
}

fn manifest(sequence: usize, taken: &Taken) -> Manifest {
    let at = start() + TimeDelta::hours(taken.at);
    let mut manifest = example(BackupId::new(at, "manual", None, &format!("n{sequence}")), at);
    manifest.sequence = sequence as u64;
    manifest.created_at = at;
    manifest.source.database = format!("shop{}", taken.database);
    manifest.reason = if taken.before { Reason::PreDeploy } else { Reason::Manual };
    manifest.scope = if taken.schema_only { Scope::Schema } else { Scope::Full };
    manifest.pinned = taken.pinned.then_some(Pin { at, why: None });
    manifest.label = taken.label.map(|label| format!("label{label}"));
    let verification = |level, passed| Verification {
        level,
        at,
        passed,
        notes: vec![],
        took_ms: 1,
        restore_ms: None,
        server_version: None,
    };
    manifest.verifications = taken.proved.map(|level| verification(level, true)).into_iter().collect();
    if taken.damaged {
        manifest.verifications.push(verification(Level::L1, false));
    }
    manifest
}

fn manifests(history: &[Taken]) -> Vec<Manifest> {
    history.iter().enumerate().map(|(sequence, taken)| manifest(sequence, taken)).collect()
}

fn known() -> Known {
    Known { now: start() + TimeDelta::days(10_000), ..Known::default() }
}

fn judged(backups: &[Manifest], policy: &Policy, known: &Known) -> Vec<Verdict> {
    judge(&backups.iter().collect::<Vec<_>>(), policy, known).expect("nothing speaks against it")
}

/// The hours at which the kept ones were taken.
#[track_caller]
fn check(history: &[Taken], policy: Policy, kept: &[i64]) {
    let backups = manifests(history);
    let verdicts = judged(&backups, &policy, &known());
    let stay = history.iter().zip(&verdicts).filter(|(_, verdict)| matches!(verdict, Verdict::Keep(_)));
    assert_eq!(stay.map(|(taken, _)| taken.at).collect::<Vec<_>>(), kept, "{policy:?}: {verdicts:#?}");
}

fn at(hours: &[i64]) -> Vec<Taken> {
    hours.iter().map(|at| Taken { at: *at, ..Taken::default() }).collect()
}

#[test]
fn each_rule_keeps_the_newest_of_its_periods() {
    let day = 24;
    let hours = [0, 1, 30, 31, 5 * day, 5 * day + 1, 40 * day, 40 * day + 1, 400 * day, 400 * day + 1];
    let keeps = |policy, kept: &[i64]| check(&at(&hours), policy, kept);
    keeps(Policy { last: 3, ..Policy::default() }, &[40 * day + 1, 400 * day, 400 * day + 1]);
    keeps(Policy { hourly: 3, ..Policy::default() }, &[40 * day + 1, 400 * day, 400 * day + 1]);
    keeps(Policy { daily: 3, ..Policy::default() }, &[5 * day + 1, 40 * day + 1, 400 * day + 1]);
    // 1 January is a Thursday: Friday is of the same week, the following Tuesday is not.
    keeps(Policy { weekly: 9, ..Policy::default() }, &[31, 5 * day + 1, 40 * day + 1, 400 * day + 1]);
    keeps(Policy { monthly: 9, ..Policy::default() }, &[5 * day + 1, 40 * day + 1, 400 * day + 1]);
    keeps(Policy { yearly: 9, ..Policy::default() }, &[40 * day + 1, 400 * day + 1]);
    let within = Some(TimeDelta::days(360));
    keeps(Policy { within, ..Policy::default() }, &[40 * day + 1, 400 * day, 400 * day + 1]);
    let both = Policy { last: 2, yearly: 9, ..Policy::default() };
    keeps(both, &[40 * day + 1, 400 * day, 400 * day + 1]);
}

#[test]
fn some_stay_whatever_the_policy() {
    let last = |last| Policy { last, ..Policy::default() };
    let mut history = at(&[1, 2, 3, 4, 5]);
    history[0].pinned = true;
    history[1].proved = Some(Level::L2);
    history[2].proved = Some(Level::L1);
    history[3].label = Some(1);
    check(&history, last(1), &[1, 2, 5]);
    check(&history, Policy { labels: vec!["label1".into()], ..last(1) }, &[1, 2, 4, 5]);
    history[1].proved = Some(Level::L1);
    check(&history, last(1), &[1, 3, 5]);
    // The newest is damaged: neither is it one of the last, nor does it push the sound one out.
    history[4].damaged = true;
    check(&history, last(1), &[1, 3, 4, 5]);
    let mut damaged = at(&[1, 2, 3]);
    damaged[1].damaged = true;
    check(&damaged, last(3), &[1, 3]);
}

#[test]
fn groups_do_not_push_one_another_out() {
    let mut history = at(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    history[1].database = 1;
    history[2].schema_only = true;
    for before in &mut history[3..9] {
        before.before = true;
    }
    check(&history, Policy { last: 1, ..Policy::default() }, &[2, 3, 5, 6, 7, 8, 9, 10]);
}

#[test]
fn a_backup_that_an_operation_names_stays() {
    let backups = manifests(&at(&[1, 2, 3]));
    let known = Known { referenced: BTreeSet::from([backups[0].id.clone()]), ..known() };
    let verdicts = judged(&backups, &Policy { last: 1, ..Policy::default() }, &known);
    assert_eq!(verdicts[0], Verdict::Keep(vec![Why::Referenced]));
    assert_eq!(verdicts[1], Verdict::Remove(Reject::NoRule));
}

#[test]
fn nothing_is_judged_without_a_rule_or_by_a_wrong_clock() {
    let backups = manifests(&at(&[1, 2]));
    let all: Vec<_> = backups.iter().collect();
    let zeros = Policy { within: Some(TimeDelta::zero()), ..Policy::default() };
    assert_eq!(judge(&all, &zeros, &known()), Err(Refusal::NoRule));
    let last = Policy { last: 1, ..Policy::default() };
    let at = |minutes| Known { now: backups[1].created_at - TimeDelta::minutes(minutes), ..Known::default() };
    assert!(matches!(judge(&all, &last, &at(6)), Err(Refusal::ClockSkew { .. })));
    assert!(judge(&all, &last, &at(5)).is_ok());
}

fn level() -> impl Strategy<Value = Level> {
    prop_oneof![Just(Level::L0), Just(Level::L1), Just(Level::L2), Just(Level::L3)]
}

fn taken() -> impl Strategy<Value = Taken> {
    let rare = || proptest::bool::weighted(0.15);
    (
        0..2000_i64,
        0..2_u8,
        rare(),
        rare(),
        rare(),
        proptest::option::of(0..3_u8),
        proptest::option::of(level()),
        rare(),
    )
        .prop_map(|(at, database, before, schema_only, pinned, label, proved, damaged)| Taken {
            at,
            database,
            before,
            schema_only,
            pinned,
            label,
            proved,
            damaged,
        })
}

/// Any history, clocks that jump included: the sequence is not in the order of time.
fn history() -> impl Strategy<Value = Vec<Manifest>> {
    proptest::collection::vec(taken(), 0..30).prop_map(|history| manifests(&history))
}

fn policy() -> impl Strategy<Value = Policy> {
    let few = || 0..5_u32;
    let labels = proptest::collection::vec((0..3_u8).prop_map(|label| format!("label{label}")), 0..3);
    let counts = (few(), few(), few(), few(), few(), few());
    (counts, proptest::option::of(1..500_i64), labels)
        .prop_map(|((last, hourly, daily, weekly, monthly, yearly), within, labels)| Policy {
            last,
            hourly,
            daily,
            weekly,
            monthly,
            yearly,
            within: within.map(TimeDelta::hours),
            labels,
        })
        .prop_filter("a rule", |policy| !policy.is_empty())
}

/// One that keeps at least what both keep.
fn union(a: &Policy, b: &Policy) -> Policy {
    Policy {
        last: a.last.max(b.last),
        hourly: a.hourly.max(b.hourly),
        daily: a.daily.max(b.daily),
        weekly: a.weekly.max(b.weekly),
        monthly: a.monthly.max(b.monthly),
        yearly: a.yearly.max(b.yearly),
        within: a.within.max(b.within),
        labels: [a.labels.clone(), b.labels.clone()].concat(),
    }
}

fn kept(backups: &[Manifest], policy: &Policy) -> BTreeSet<BackupId> {
    let verdicts = judged(backups, policy, &known());
    let stay = backups.iter().zip(verdicts).filter(|(_, verdict)| matches!(verdict, Verdict::Keep(_)));
    stay.map(|(backup, _)| backup.id.clone()).collect()
}

proptest! {
    // No file of failed cases: a shrunk one becomes a test of its own.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn the_newest_proof_and_the_newest_of_each_group_stay(backups in history(), policy in policy()) {
        let kept = kept(&backups, &policy);
        for one in &backups {
            let newer = |other: &&Manifest| Group::of(other) == Group::of(one) && other.sequence > one.sequence;
            let sound: Vec<_> = backups.iter().filter(newer).filter(|other| !other.is_damaged()).collect();
            let level = |of: &Manifest| of.proved().map(|(level, _)| level);
            let is_last_proof = !one.is_damaged()
                && level(one) >= Some(Level::L2)
                && sound.iter().all(|other| level(other) < Some(Level::L2));
            let must_stay = sound.is_empty() || is_last_proof || one.pinned.is_some();
            prop_assert!(!must_stay || kept.contains(&one.id), "{} is gone", one.id);
        }
    }

    #[test]
    fn a_larger_policy_keeps_a_superset(backups in history(), a in policy(), b in policy()) {
        let (small, large) = (kept(&backups, &a), kept(&backups, &union(&a, &b)));
        prop_assert!(small.is_subset(&large), "{:?}", small.difference(&large));
    }

    #[test]
    fn pruning_what_is_left_removes_nothing(backups in history(), policy in policy()) {
        let stay = kept(&backups, &policy);
        let left: Vec<_> = backups.into_iter().filter(|one| stay.contains(&one.id)).collect();
        prop_assert_eq!(kept(&left, &policy), stay);
    }

    #[test]
    fn the_order_of_the_backups_does_not_matter(
        (backups, shuffled) in history().prop_flat_map(|h| (Just(h.clone()), Just(h).prop_shuffle())),
        policy in policy(),
    ) {
        prop_assert_eq!(kept(&backups, &policy), kept(&shuffled, &policy));
    }
}
