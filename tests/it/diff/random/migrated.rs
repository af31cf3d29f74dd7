//! Any two schemas as states of a project's schema.sql: `migrate` writes and applies, `rollback` undoes, `deploy` applies again,
//! and each time `diff` finds what it should.

use crate::support::cluster::{TestDb, number};
use crate::support::project::{Project, Ran};

use super::act::Focus;
use super::cases::{Case, Failure, check, part};
use super::generated::{make_roles, unnamed};

/// Each case runs the program ten times, which takes as long as many cases of the properties.
const PARTS: u64 = 16;

#[test]
fn any_two_schemas_are_migrated_rolled_back_and_deployed() {
    migrated(Focus::Everything);
}

#[test]
fn any_two_sets_of_tables_are_migrated_rolled_back_and_deployed() {
    migrated(Focus::Tables);
}

fn migrated(focus: Focus) {
    let db = TestDb::new();
    make_roles(&db);
    let version = "SELECT current_setting('server_version_num')::bigint / 10000 AS value";
    let major = u32::try_from(number(&mut db.connect(), version)).unwrap();
    check(focus, part(PARTS), major, |_, case| holds(case, major));
}

fn holds(case: &Case, major: u32) -> Result<(), Failure> {
    let project = Project::new();
    let state = |sql: &str| {
        project.file("schema.sql", sql);
    };
    let run = |words: &[&str]| well(words, project.run(words));
    let same = |from: &str| run(&["diff", from, &project.db.url, "--exit-code", "--summary"]);
    let write = |name: &str| {
        let words = ["migrate", "--name", name, "--no-rename", "--yes", "--json"];
        let ran = run(&words)?;
        Ok::<usize, Failure>(ran.json()["applied"].as_array().map_or(0, Vec::len))
    };
    state(&case.old.sql(major));
    write("old")?;
    same("schema.sql")?;
    state(&case.new.sql(major));
    let steps = write("new")?;
    same("schema.sql")?;
    if steps == 0 {
        return Ok(());
    }
    run(&["rollback", "--steps", &steps.to_string(), "--yes", "--no-backup"])?;
    state(&case.old.sql(major));
    same("schema.sql")?;
    run(&["deploy", "--no-backup"])?;
    state(&case.new.sql(major));
    same("schema.sql")?;
    same("migrations").map(drop)
}

fn well(words: &[&str], ran: Ran) -> Result<Ran, Failure> {
    if ran.code == 0 {
        return Ok(ran);
    }
    let last = ran.stderr.lines().find(|line| line.starts_with("error")).unwrap_or_default();
    let cause = format!("{}: {}", words[0], unnamed(last));
    Err(Failure { cause, detail: format!("{words:?}\n{}\n{}", ran.stdout, ran.stderr) })
}
