//! `deploy` of small migrations on the loopback address. Target for 1000: at most 1.05 times psql in one session with
//! a transaction per file and its tracking row, which does less. All in one transaction is the physical limit.

use anyhow::{Result, anyhow, ensure};

use super::{Bench, Group};
use crate::contest::{self, Entry};
use crate::measure::Sample;
use crate::project::{Project, TRACKING};
use crate::table::Table;
use crate::tools::{TOOLS, Tool};

pub(super) const GROUP: Group =
    Group { name: "deploy", about: "`deploy` of 0, 1, 100 and 1000 small migrations", peers: true, run };

const LIMIT: &str = "connect + SELECT 1";
const PER_FILE: &str = "psql, transaction and row per file";
const ONE: &str = "psql, one transaction, no rows";

fn run(bench: &Bench) -> Result<Table> {
    let mut table = Table::of_times("deploy: small migrations, TCP with SCRAM").about(
        "Each migration is `CREATE TABLE t_N (id int PRIMARY KEY)`; each run has a fresh copy of a database.",
    );
    let (before, many) = (100, bench.size(1000, 200));
    nothing(bench, &mut table, before)?;
    some(bench, &mut table, Case { before, more: 1, usual: 10, target: None })?;
    some(bench, &mut table, Case { before: 0, more: 100, usual: 7, target: None })?;
    some(bench, &mut table, Case { before: 0, more: many, usual: 5, target: Some(1.05) })?;
    Ok(table)
}

/// Nothing to do: the database stays as it is, so one copy serves all rounds.
fn nothing(bench: &Bench, table: &mut Table, count: usize) -> Result<()> {
    let Bench { server, programs, .. } = bench;
    let project = Project::of_tables(&bench.place.files("deploy")?, count)?;
    let mut entries = Vec::new();
    for tool in TOOLS {
        let ready = applied(bench, tool, &project, "noop", count);
        let project = &project;
        entries.push(Entry::new(tool.name(), move || {
            programs.deploy(tool, project, &server.url(server.tcp(), ready.name()?)?)?.run()
        }));
    }
    server.template("noop_limit")?;
    let url = server.url(server.tcp(), "noop_limit")?;
    let dir = project.layout(Tool::Pgkeel);
    entries.push(Entry::new(LIMIT, move || programs.limit(&dir, &url)?.run()));
    let case = format!("0 ({count} applied)");
    let outcomes = contest::hold(&format!("deploy {case}"), bench.rounds(2, 15), entries);
    table.timed(&case, &outcomes, LIMIT, None);
    Ok(())
}

struct Case {
    /// So many are applied already.
    before: usize,
    more: usize,
    usual: usize,
    target: Option<f64>,
}

fn some(bench: &Bench, table: &mut Table, case: Case) -> Result<()> {
    let Bench { server, programs, .. } = bench;
    let Case { before, more, usual, target } = case;
    let all = before + more;
    let label = format!("from_{before}_by_{more}");
    let past = Project::of_tables(&bench.place.files("past")?, before)?;
    let project = Project::of_tables(&bench.place.files("deploy")?, all)?;
    let mut entries = Vec::new();
    for tool in TOOLS {
        let ready = applied(bench, tool, &past, &label, before);
        let project = &project;
        entries.push(Entry::new(tool.name(), move || {
            let copy = server.copy(ready.name()?)?;
            let url = server.url(server.tcp(), &copy.name)?;
            checked(bench, &copy.name, all, programs.deploy(tool, project, &url)?.run())
        }));
    }
    let template = format!("{label}_psql");
    server.template(&template)?;
    server.run(&template, TRACKING)?;
    let dir = project.layout(Tool::Pgkeel);
    if before > 0 {
        let url = server.url(server.tcp(), &template)?;
        let script = past.script_with_rows(1..=before)?;
        programs.psql(&dir, &url, &["-f", &script.to_string_lossy()]).run()?;
    }
    let with_rows = project.script_with_rows(before + 1..=all)?;
    let plain = project.script(before + 1..=all)?;
    for (name, options, script) in [(PER_FILE, ["-f"].as_slice(), with_rows), (ONE, &["-1", "-f"], plain)] {
        let (template, dir) = (template.clone(), dir.clone());
        entries.push(Entry::new(name, move || {
            let copy = server.copy(&template)?;
            let url = server.url(server.tcp(), &copy.name)?;
            let job = programs.psql(&dir, &url, options).args([script.clone()]);
            checked(bench, &copy.name, all, job.run())
        }));
    }
    let case = if before > 0 { format!("{more} ({before} applied)") } else { format!("{more}") };
    let outcomes = contest::hold(&format!("deploy {case}"), bench.rounds(1, usual), entries);
    table.timed(&case, &outcomes, PER_FILE, target);
    Ok(())
}

/// A database in which a tool has applied what there was, if it could.
pub(super) struct Prepared(Result<String, String>);

impl Prepared {
    /// Its name, or why there is none.
    pub(super) fn name(&self) -> Result<&str> {
        self.0.as_deref().map_err(|why| anyhow!("could not be prepared: {why}"))
    }
}

/// Lets a tool apply all `count` migrations of a project to a new database.
pub(super) fn applied(bench: &Bench, tool: Tool, project: &Project, prefix: &str, count: usize) -> Prepared {
    let Bench { server, programs, .. } = bench;
    let name = format!("{prefix}_{}", tool.name());
    let prepare = || {
        server.template(&name)?;
        if count > 0 {
            let job = programs.deploy(tool, project, &server.url(server.tcp(), &name)?)?;
            checked(bench, &name, count, job.run())?;
        }
        Ok(())
    };
    let prepared: Result<()> = prepare();
    Prepared(prepared.map(|()| name).map_err(|error| format!("{error:#}")))
}

/// A run counts if its tables are there.
pub(super) fn checked(bench: &Bench, database: &str, wanted: usize, ran: Result<Sample>) -> Result<Sample> {
    let sample = ran?;
    made(bench, database, wanted)?;
    Ok(sample)
}

/// A tool that says it is done must have made its tables.
pub(super) fn made(bench: &Bench, database: &str, wanted: usize) -> Result<()> {
    let found = bench.server.tables(database, "t\\_%")?;
    ensure!(found == wanted, "it ended well, but there are {found} tables, not {wanted}");
    Ok(())
}
