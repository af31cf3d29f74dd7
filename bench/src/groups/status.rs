//! `status` with nothing pending. Target: at most 1.3 times what libpq takes to connect, say SELECT 1 and close.

use anyhow::Result;

use super::deploy::applied;
use super::{Bench, Group};
use crate::contest::{self, Entry};
use crate::project::Project;
use crate::server::Via;
use crate::table::Table;
use crate::tools::{TOOLS, Tool};

pub(super) const GROUP: Group = Group {
    name: "status",
    about: "`status`, 0 of 100 pending, TCP with SCRAM and socket",
    peers: true,
    run,
};

const LIMIT: &str = "connect + SELECT 1";

/// What each tool calls it.
pub(super) const WORDS: [(&str, Tool, &[&str]); 5] = [
    ("pgkeel", Tool::Pgkeel, &["status"]),
    ("sqlx (migrate info)", Tool::Sqlx, &["migrate", "info"]),
    ("diesel (migration list)", Tool::Diesel, &["migration", "list"]),
    ("diesel (migration pending)", Tool::Diesel, &["migration", "pending"]),
    ("dbmate", Tool::Dbmate, &["status"]),
];

fn run(bench: &Bench) -> Result<Table> {
    let Bench { server, programs, .. } = bench;
    let project = Project::of_tables(&bench.place.files("status")?, 100)?;
    let mut table = Table::of_times("status: nothing of 100 pending");
    let ready = TOOLS.map(|tool| (tool, applied(bench, tool, &project, "status", 100)));
    server.template("status_limit")?;
    for (case, via) in [("TCP, SCRAM", server.tcp()), ("unix socket", Via::Socket)] {
        let ask = |tool: Tool, words: &[&str]| {
            let (_, database) = ready.iter().find(|(there, _)| *there == tool).expect("all are prepared");
            programs.ask(tool, &project, &server.url(via, database.name()?)?, words)?.run()
        };
        let ask = &ask;
        let mut entries: Vec<_> =
            WORDS.into_iter().map(|(name, tool, words)| Entry::new(name, move || ask(tool, words))).collect();
        let dir = project.layout(Tool::Pgkeel);
        let url = server.url(via, "status_limit")?;
        entries.push(Entry::new(LIMIT, move || programs.limit(&dir, &url)?.run()));
        let outcomes = contest::hold(&format!("status, {case}"), bench.rounds(2, 15), entries);
        table.timed(case, &outcomes, LIMIT, Some(1.3));
    }
    Ok(table)
}
