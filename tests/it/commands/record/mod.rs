//! The record of the migrations outlives whatever SQL runs here: the transaction that would remove it is rolled back, and
//! what no transaction can hold is restored.

mod execute;
mod migration;
mod refused;
mod second_ledger;
mod seeds;
mod stepwise;
mod zero;

use crate::support::project::Project;

/// Two migrations that are applied, each with a table.
const APPLIED: [(&str, &str, &str); 2] = [
    ("20260101000000_ward", "CREATE TABLE ward (id int PRIMARY KEY);", "DROP TABLE ward;"),
    ("20260102000000_bed", "CREATE TABLE bed (id int PRIMARY KEY);", "DROP TABLE bed;"),
];

/// A project whose database has both migrations.
fn deployed() -> Project {
    let project = Project::with_migrations(&APPLIED);
    project.run(&["deploy"]).exits(0);
    project.sql("INSERT INTO ward SELECT generate_series(1, 1000)");
    project
}

/// Diesel's versions, and ours with their state.
fn record(project: &Project) -> String {
    project.words(
        "SELECT concat_ws(' | ', (SELECT string_agg(version, ' ' ORDER BY version) FROM public.__diesel_schema_migrations), \
         (SELECT string_agg(version || ' ' || state, ' ' ORDER BY version) FROM pgkeel.migration))",
    )
}

const BOTH: &str = "20260101000000 20260102000000 | 20260101000000 applied 20260102000000 applied";
