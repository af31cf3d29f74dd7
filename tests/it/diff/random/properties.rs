//! What must hold for the diff of any two schemas, in fresh databases.

use std::collections::BTreeSet;

use pgkeel::engine::catalog::read::read;
use pgkeel::engine::catalog::{Catalog, Difference, Scope};
use pgkeel::engine::plan::{Hazard, Plan, PlanError, Wishes, plan};
use pgkeel::pg::connect::ConnectOptions;
use pgkeel::pg::interrupt::Interrupt;
use pgkeel::pg::session::Session;
use pgkeel::pg::url::DatabaseUrl;

use crate::support::cluster::{TestDb, number};
use crate::support::dump;

use super::super::text;
use super::act::Focus;
use super::cases::{Case, Failure, check, part};
use super::generated::{make_roles, unnamed};
use super::rows::counts;

/// Tests with a focus; they share the cases.
const PARTS: u64 = 4;

/// Every so many cases `pg_dump` is asked too, which takes longer than all the rest.
const DUMPED: u64 = 4;

#[test]
fn any_two_sets_of_tables_are_turned_into_each_other() {
    properties(Focus::Tables);
}

#[test]
fn any_two_sets_of_types_and_views_are_turned_into_each_other() {
    properties(Focus::TypesAndViews);
}

#[test]
fn any_two_sets_of_functions_and_what_calls_them_are_turned_into_each_other() {
    properties(Focus::Code);
}

#[test]
fn any_two_schemas_are_turned_into_each_other() {
    properties(Focus::Everything);
}

fn properties(focus: Focus) {
    let db = TestDb::new();
    make_roles(&db);
    let version = "SELECT current_setting('server_version_num')::bigint / 10000 AS value";
    let major = u32::try_from(number(&mut db.connect(), version)).unwrap();
    let empty = Place::new("an empty database", "").unwrap().read().unwrap();
    check(focus, part(PARTS), major, |number, case| holds(number, case, &empty, major));
}

fn holds(number: u64, case: &Case, empty: &Catalog, major: u32) -> Result<(), Failure> {
    let (old_sql, new_sql) = (case.old.sql(major), case.new.sql(major));
    let mut place = Place::new("the old schema", &old_sql)?;
    let mut there = Place::new("the new schema", &new_sql)?;
    let (old, new) = (place.read()?, there.read()?);
    same("read twice", &place.read()?, &old, "")?;

    let made = planned("from nothing", empty, &old)?;
    let mut second = Place::new("nothing", "")?;
    second.apply("from nothing", &made)?;
    same("from nothing", &second.read()?, &old, &made.script())?;

    let up = planned("up", &old, &new)?;
    let again = planned("up", &old, &new)?;
    if up.script() != again.script() {
        return fail("two plans for the same", again.script());
    }
    // A column that was the table's own stays so (`attislocal`) when it inherits: pg_dump tells, nothing can change it.
    let is_dumped = number.is_multiple_of(DUMPED) && case.inherits_alike();
    let dumps = is_dumped.then(|| (place.dump(), there.dump()));
    place.arrive("up", &up, &new, dumps.as_ref().map(|(_, new)| new))?;
    let down = planned("down", &new, &old)?;
    place.arrive("down", &down, &old, dumps.as_ref().map(|(old, _)| old))?;
    rows(case, &mut second, &up, major)
}

/// Rows survive the plan, or it says which do not, or that it will fail.
fn rows(case: &Case, place: &mut Place, up: &Plan, major: u32) -> Result<(), Failure> {
    let seeds = case.old.seeds(major);
    place
        .run(&seeds)
        .map_err(|error| Failure { cause: format!("seeds: {}", unnamed(&error)), detail: seeds.clone() })?;
    let after = case.new.with_rows(major);
    let both: Vec<String> =
        case.old.with_rows(major).into_iter().filter(|table| after.contains(table)).collect();
    let before = counts(&mut place.session, &both);
    let hazards: Vec<&Hazard> = up.steps.iter().flat_map(|step| &step.hazards).collect();
    if let Err(failure) = place.apply("up, with rows", up) {
        return match hazards
            .iter()
            .any(|hazard| matches!(hazard, Hazard::WillFail { .. } | Hazard::DataLoss { .. }))
        {
            true => Ok(()),
            false => Err(failure),
        };
    }
    let may_lose = |name: &str| {
        hazards.iter().any(|hazard| match hazard {
            Hazard::DataLoss { table, .. } => {
                table.as_ref().is_none_or(|table| table.replace('"', "") == name.replace('"', ""))
            }
            _ => false,
        })
    };
    let now = counts(&mut place.session, &both);
    for (table, count) in &before {
        if now[table] != *count && !may_lose(table) {
            let detail =
                format!("{table} had {count} rows, and has {} now\n{}\n{}", now[table], up.script(), seeds);
            return fail("rows are lost without a hazard", detail);
        }
    }
    Ok(())
}

fn planned(what: &str, from: &Catalog, to: &Catalog) -> Result<Plan, Failure> {
    plan(from, to, &Wishes::default()).map_err(|error| {
        let detail = error.to_string();
        let cause = match &error {
            // The kinds of what waits: each is written as `Drop(7) name`.
            PlanError::Cycle(circle) => {
                let words: BTreeSet<&str> =
                    circle.split(", ").filter_map(|one| Some(one.split_once('(')?.0)).collect();
                format!("a circle of {}", words.into_iter().collect::<Vec<_>>().join(", "))
            }
            _ => unnamed(&detail),
        };
        Failure { cause: format!("{what}, no plan: {cause}"), detail }
    })
}

fn fail(cause: &str, detail: String) -> Result<(), Failure> {
    Err(Failure { cause: cause.to_owned(), detail })
}

fn same(what: &str, found: &Catalog, wanted: &Catalog, script: &str) -> Result<(), Failure> {
    let differences = found.differences(wanted, &Scope::default());
    let Some(first) = differences.first() else {
        return match wanted.unmodelled.first() {
            None => Ok(()),
            Some(left) => fail(&format!("not modelled: {}", left.kind), format!("{left:?}")),
        };
    };
    let cause = match first {
        Difference::Missing(fact) => format!("{what}: a {:?} is missing", fact.id.kind),
        Difference::Extra(fact) => format!("{what}: a {:?} is too many", fact.id.kind),
        Difference::Other(fact, _, names) => format!("{what}: a {:?} has other {names:?}", fact.id.kind),
    };
    let told: Vec<String> = differences
        .iter()
        .map(|difference| match difference {
            Difference::Other(a, b, names) => {
                let values =
                    names.iter().map(|name| format!("{name}: {:?} / {:?}", a.get(name), b.get(name)));
                format!("{:?} {}", a.id, values.collect::<Vec<_>>().join("; "))
            }
            other => format!("{other:?}"),
        })
        .collect();
    fail(&cause, format!("found / wanted: {}\n--- plan\n{script}", told.join("\n")))
}

/// A database with a session.
struct Place {
    db: TestDb,
    session: Session,
}

impl Place {
    fn new(what: &str, sql: &str) -> Result<Self, Failure> {
        let db = TestDb::new();
        let url = DatabaseUrl::parse(&db.url).unwrap();
        let session = Session::connect(&url, &ConnectOptions::default(), &Interrupt::default()).unwrap();
        let mut place = Self { db, session };
        place.run(sql).map_err(|error| Failure {
            cause: format!("{what} does not load: {}", unnamed(&error)),
            detail: error,
        })?;
        Ok(place)
    }

    fn run(&mut self, sql: &str) -> Result<(), String> {
        self.session.query(sql).map(drop).map_err(|error| {
            let error = anyhow::Error::from(error);
            format!("{error:#}")
        })
    }

    fn read(&mut self) -> Result<Catalog, Failure> {
        read(&mut self.session, "pgkeel").map_err(|error| {
            let detail = format!("{:#}", anyhow::Error::from(error));
            Failure { cause: format!("not read: {}", unnamed(&detail)), detail }
        })
    }

    fn apply(&mut self, what: &str, plan: &Plan) -> Result<(), Failure> {
        self.session.query("SET check_function_bodies = off").unwrap();
        for part in plan.parts() {
            let text: String = part.iter().map(|step| format!("{};\n", step.sql)).collect();
            let text = if part[0].in_transaction { format!("BEGIN;\n{text}COMMIT") } else { text };
            if let Err(error) = self.run(&text) {
                self.session.query("ROLLBACK").unwrap();
                let cause = format!("{what}: {}", unnamed(&error));
                return Err(Failure { cause, detail: format!("{error}\n--- plan\n{}", plan.script()) });
            }
        }
        Ok(())
    }

    /// After the plan it is as wanted, to our eyes and to those of `pg_dump`, and there is nothing left to do.
    fn arrive(
        &mut self,
        what: &str,
        plan: &Plan,
        wanted: &Catalog,
        dump: Option<&Vec<String>>,
    ) -> Result<(), Failure> {
        self.apply(what, plan)?;
        let found = self.read()?;
        same(what, &found, wanted, &plan.script())?;
        let left = planned(what, &found, wanted)?;
        if !left.is_empty() {
            return fail(
                &format!("{what}: not finished"),
                format!("{}--- left\n{}", plan.script(), left.script()),
            );
        }
        let Some(dump) = dump else { return Ok(()) };
        let (extra, lacking) = text::difference(&self.dump(), dump, None);
        if extra.is_empty() && lacking.is_empty() {
            return Ok(());
        }
        let word = |statements: &[String]| {
            statements.first().map_or(String::new(), |text| unnamed(text).chars().take(60).collect())
        };
        let cause = format!("{what}, pg_dump differs: {} / {}", word(&extra), word(&lacking));
        fail(&cause, format!("has {extra:#?}\nlacks {lacking:#?}\n--- plan\n{}", plan.script()))
    }

    fn dump(&self) -> Vec<String> {
        text::statements(&dump::written(&self.db.url))
    }
}
