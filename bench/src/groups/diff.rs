//! What differs between two databases: CPU of the client and of the server's processes, next to the bare catalog queries,
//! pg_dump and the tools that compare. Targets: 1 s CPU for two databases of 1,000 tables, 8 s for 10,000.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::{Bench, Group};
use crate::backends::Backends;
use crate::contest::{self, Entry, Outcome};
use crate::measure::{Job, Sample};
use crate::project::Project;
use crate::relay::Relay;
use crate::server::Via;
use crate::stats::{shown, spread};
use crate::table::{Table, within};
use crate::tools::Tool;

pub(super) const GROUP: Group = Group {
    name: "diff",
    about: "two databases of 100 and 1,000 tables (10,000: --large)",
    peers: true,
    run,
};

const LIMIT: &str = "catalog queries";
const PATIENCE: u64 = 1800;

/// What differs between the two, each with a word that any tool must say.
const CHANGES: [(&str, &str); 10] = [
    ("change_a", "ALTER TABLE t_1 ADD change_a text"),
    ("change_b", "ALTER TABLE t_2 DROP change_b"),
    ("change_c", "ALTER TABLE t_3 ALTER change_c TYPE bigint"),
    ("change_d", "ALTER TABLE t_4 ALTER change_d SET DEFAULT 7"),
    ("change_e", "CREATE INDEX change_e ON t_5 (title, amount)"),
    ("change_f", "ALTER TABLE t_6 DROP CONSTRAINT change_f"),
    ("change_g", "CREATE OR REPLACE VIEW change_g AS SELECT id, title FROM t_7 WHERE amount > 1"),
    ("change_h", "CREATE OR REPLACE FUNCTION change_h(a int) RETURNS int LANGUAGE sql AS 'SELECT a + 1'"),
    ("change_i", "CREATE TABLE change_i (id int PRIMARY KEY, t_id bigint REFERENCES t_8)"),
    ("change_j", "ALTER TABLE t_9 ALTER change_j SET NOT NULL"),
];

fn run(bench: &Bench) -> Result<Table> {
    let header =
        ["case", "tool", "client CPU s", "server CPU s", "both s", "wall s", "× limit", "peak MB", "target"];
    let mut table = Table::new("diff: two databases", &header)
        .about("8 columns, primary key, 2 indexes, foreign key and check each, a tenth as many views and functions; ten changes.")
        .about("All figures are for both databases, medians. Server CPU is that of the backends, from start to end.")
        .about("The limit is 15 COPY queries of the catalogs in one snapshot of each database, nothing done with them.");
    let mut sizes = vec![(100, None)];
    if !bench.quick {
        sizes.push((1_000, Some(1.0)));
    }
    if bench.large {
        sizes.push((10_000, Some(8.0)));
    }
    for (tables, target) in sizes {
        measured(bench, &mut table, tables, target)?;
    }
    Ok(table)
}

/// What a run took.
struct Cost {
    client: Sample,
    server: Duration,
}

fn measured(bench: &Bench, table: &mut Table, tables: usize, target: Option<f64>) -> Result<()> {
    let Bench { server, programs, .. } = bench;
    eprintln!("  diff: making two databases of {tables} tables");
    let (old, new) = (format!("old_{tables}"), format!("new_{tables}"));
    fill(bench, &old, &new, tables)?;
    let urls = [server.url(server.tcp(), &old)?, server.url(server.tcp(), &new)?];
    let project = Project::new(&bench.place.files("diff")?)?;
    let dir = project.layout(Tool::Pgkeel);
    let limit = dir.join("limit.sql");
    fs::write(&limit, limit_script())?;

    let backends = Backends::of(server)?;
    let cost = |jobs: Vec<Job>| {
        let before = backends.cpu()?;
        let mut all = Vec::new();
        for job in jobs {
            all.push(job.patience(PATIENCE).run()?);
        }
        Ok(Cost { client: sum(&all), server: backends.cpu()?.saturating_sub(before) })
    };
    let cost = &cost;
    let complete = |cost: Result<Cost>| {
        let cost = cost?;
        says_all(&dir)?;
        Ok(cost)
    };
    let psql =
        |url: &str| programs.psql(&dir, url, &["-o", "/dev/null"]).args(["-f".as_ref(), limit.as_os_str()]);
    let dump = |url: &String| {
        let job = Job::new(&programs.client("pg_dump")?, &dir);
        Ok(job.args(["--schema-only", "-f", "/dev/null", "-d", url]))
    };
    let entries = vec![
        Entry::new("pgkeel", || {
            let job = programs.ask(Tool::Pgkeel, &project, &urls[0], &["diff", &urls[0], &urls[1]])?;
            complete(cost(vec![job]))
        }),
        Entry::new(LIMIT, || cost(urls.iter().map(|url| psql(url)).collect())),
        Entry::new("pg_dump --schema-only", || cost(urls.iter().map(dump).collect::<Result<_>>()?)),
        Entry::new("migra", || {
            let job = Job::new(&programs.peer("migra/bin/migra")?, &dir);
            complete(cost(vec![job.args(["--unsafe", &urls[0], &urls[1]]).ends_with(2)]))
        }),
        Entry::new("pg-delta", || {
            let job = Job::new(&programs.peer("node_modules/.bin/pgdelta")?, &dir);
            let job = job.args(["plan", "--source", &urls[0], "--desired", &urls[1]]);
            complete(cost(vec![job]))
        }),
    ];
    let case = format!("{tables} tables");
    let outcomes = contest::hold(&format!("diff, {case}"), bench.rounds(1, 3), entries);
    rows(table, &case, &outcomes, target);
    let trips = trips(bench, &project, &urls[0], &new)?;
    table.about.push(format!("{case}: {trips}"));
    Ok(())
}

fn rows(table: &mut Table, case: &str, outcomes: &[Outcome<Cost>], target: Option<f64>) {
    let median = |outcome: &Outcome<Cost>, value: fn(&Cost) -> f64| {
        let samples = outcome.samples.as_ref().ok()?;
        Some(spread(samples.iter().map(value)).median)
    };
    let both = |cost: &Cost| (cost.client.cpu + cost.server).as_secs_f64();
    let limit = outcomes.iter().find(|outcome| outcome.name == LIMIT);
    let limit = limit.and_then(|outcome| median(outcome, both));
    for outcome in outcomes {
        let Some(sum) = median(outcome, both) else {
            let why = outcome.samples.as_ref().err().map_or("no samples", String::as_str);
            table.failed(case, &outcome.name, why);
            continue;
        };
        let cell = |value: fn(&Cost) -> f64| median(outcome, value).map(shown).unwrap_or_default();
        let target = target.filter(|_| outcome.name == "pgkeel");
        table.row([
            case.to_owned(),
            outcome.name.clone(),
            cell(|cost| cost.client.cpu.as_secs_f64()),
            cell(|cost| cost.server.as_secs_f64()),
            shown(sum),
            cell(|cost| cost.client.wall.as_secs_f64()),
            limit.map(|limit| format!("{:.2}", sum / limit)).unwrap_or_default(),
            cell(|cost| cost.client.memory_kb as f64 / 1024.0),
            target.map(|at_most| within(sum, at_most, " s CPU")).unwrap_or_default(),
        ]);
    }
}

/// One after the other; memory is the larger one's.
fn sum(samples: &[Sample]) -> Sample {
    Sample {
        wall: samples.iter().map(|sample| sample.wall).sum(),
        cpu: samples.iter().map(|sample| sample.cpu).sum(),
        memory_kb: samples.iter().map(|sample| sample.memory_kb).max().unwrap_or_default(),
    }
}

/// That the last run spoke of every change.
fn says_all(dir: &Path) -> Result<()> {
    let said = fs::read_to_string(dir.join("last-output.log")).context("it said nothing")?;
    let missing: Vec<&str> =
        CHANGES.iter().map(|(word, _)| *word).filter(|word| !said.contains(word)).collect();
    ensure!(missing.is_empty(), "it does not know of {}", missing.join(", "));
    Ok(())
}

/// What reading one of the two takes: the relay is in front of the new one, which is only read.
fn trips(bench: &Bench, project: &Project, old: &str, new: &str) -> Result<String> {
    let Bench { server, programs, .. } = bench;
    let relay = Relay::start(server.running.port(), Duration::ZERO)?;
    let url = server.url(Via::Tcp(relay.port), new)?;
    programs.ask(Tool::Pgkeel, project, old, &["diff", old, &url])?.patience(PATIENCE).run()?;
    let read = relay.take();
    programs.limit(&project.layout(Tool::Pgkeel), &url)?.run()?;
    let bare = relay.take();
    Ok(format!(
        "pgkeel reads one database in {} round trips over {} connection(s); connect + SELECT 1 takes {}.",
        read.trips, read.connections, bare.trips
    ))
}

/// The two databases.
fn fill(bench: &Bench, old: &str, new: &str, tables: usize) -> Result<()> {
    let server = &bench.server;
    server.template(old)?;
    let other = tables / 10;
    // Committed in between: each table takes some locks.
    let make = format!(
        "DO $do$ BEGIN FOR i IN 1..{tables} LOOP \
           EXECUTE format('CREATE TABLE t_%1$s (id bigint PRIMARY KEY, parent_id bigint%2$s, title text NOT NULL, \
             amount numeric(12,2) DEFAULT 0, state varchar(20) DEFAULT ''new'', made timestamptz DEFAULT now(), \
             active boolean NOT NULL DEFAULT true, payload jsonb, CONSTRAINT t_%1$s_amount CHECK (amount >= 0))', \
             i, CASE WHEN i > 1 THEN ' REFERENCES t_' || (i - 1) ELSE ' REFERENCES t_1' END); \
           EXECUTE format('CREATE INDEX t_%1$s_parent ON t_%1$s (parent_id)', i); \
           EXECUTE format('CREATE INDEX t_%1$s_open ON t_%1$s (state, made) WHERE active', i); \
           IF i % 100 = 0 THEN COMMIT; END IF; END LOOP; \
         FOR i IN 1..{other} LOOP \
           EXECUTE format('CREATE VIEW v_%1$s AS SELECT t.id, t.title, p.title AS parent FROM t_%1$s t \
             LEFT JOIN t_%2$s p ON p.id = t.parent_id WHERE t.active', i, i + 1); \
           EXECUTE format('CREATE FUNCTION f_%1$s(a int) RETURNS bigint LANGUAGE sql AS ''SELECT count(*) FROM t_%1$s''', i); \
           IF i % 100 = 0 THEN COMMIT; END IF; END LOOP; END $do$"
    );
    server.run(old, &make)?;
    server.run(
        old,
        "ALTER TABLE t_2 ADD change_b int; ALTER TABLE t_3 ADD change_c int; ALTER TABLE t_4 ADD change_d int; \
         ALTER TABLE t_6 ADD CONSTRAINT change_f CHECK (id > 0); ALTER TABLE t_9 ADD change_j int; \
         CREATE VIEW change_g AS SELECT id, title FROM t_7; \
         CREATE FUNCTION change_h(a int) RETURNS int LANGUAGE sql AS 'SELECT a'",
    )?;
    server.run(old, "VACUUM ANALYZE")?;
    server.run("postgres", &format!("CREATE DATABASE {new} TEMPLATE {old}"))?;
    CHANGES.iter().try_for_each(|(_, sql)| server.run(new, sql))?;
    server.run(new, "VACUUM ANALYZE")?;
    server.run("postgres", "CHECKPOINT")
}

/// What no reader of a whole schema can do without.
fn limit_script() -> String {
    let user = "nspname !~ '^pg_' AND nspname <> 'information_schema'";
    let of_class = format!("FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {user}");
    let queries = [
        format!("SELECT c.oid, nspname, relname, relkind, relpersistence, reloptions, relowner, relacl, relrowsecurity, CASE WHEN relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END {of_class}"),
        format!(
            "SELECT a.attrelid, attnum, attname, format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated, \
             attstorage, attcollation, attacl, pg_get_expr(adbin, adrelid) FROM pg_attribute a \
             LEFT JOIN pg_attrdef d ON adrelid = attrelid AND adnum = attnum \
             WHERE attnum > 0 AND NOT attisdropped AND attrelid IN (SELECT c.oid {of_class} AND relkind IN ('r', 'p', 'v', 'm', 'f', 'c'))"
        ),
        format!("SELECT k.oid, conrelid, conname, contype, convalidated, pg_get_constraintdef(k.oid) FROM pg_constraint k JOIN pg_namespace n ON n.oid = connamespace WHERE {user}"),
        format!("SELECT indexrelid, indrelid, indisunique, indisvalid, pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid IN (SELECT c.oid {of_class})"),
        format!("SELECT p.oid, nspname, proname, proacl, proowner, pg_get_functiondef(p.oid) FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace WHERE {user} AND prokind IN ('f', 'p')"),
        "SELECT oid, tgrelid, tgname, tgenabled, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal".into(),
        "SELECT * FROM pg_sequence".into(),
        format!("SELECT t.oid, nspname, typname, typtype, typbasetype, typdefault, typacl FROM pg_type t JOIN pg_namespace n ON n.oid = typnamespace WHERE {user}"),
        "SELECT enumtypid, enumlabel, enumsortorder FROM pg_enum".into(),
        "SELECT objoid, classoid, objsubid, description FROM pg_description WHERE objoid >= 16384".into(),
        "SELECT polrelid, polname, polcmd, polroles, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid) FROM pg_policy".into(),
        "SELECT inhrelid, inhparent, inhseqno FROM pg_inherits".into(),
        "SELECT oid, ev_class, rulename, pg_get_ruledef(oid) FROM pg_rewrite WHERE rulename <> '_RETURN' AND oid >= 16384".into(),
        "SELECT extname, extversion, extnamespace FROM pg_extension".into(),
        "SELECT * FROM pg_depend".into(),
    ];
    let copies: String = queries.iter().map(|query| format!("COPY ({query}) TO STDOUT;\n")).collect();
    format!(
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;\nSET LOCAL search_path = '';\n{copies}COMMIT;\n"
    )
}
