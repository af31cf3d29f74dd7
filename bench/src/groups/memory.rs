//! Peak memory on one migration of 200 MB. Target: at most 64 MB and twice the longest statement.

use anyhow::{Result, ensure};

use super::{Bench, Group};
use crate::contest::{self, Entry, Figures};
use crate::project::Project;
use crate::stats::shown;
use crate::table::{Table, within};
use crate::tools::{TOOLS, Tool};

pub(super) const GROUP: Group =
    Group { name: "memory", about: "peak memory on one migration of 200 MB", peers: true, run };

/// So long is the text of each row; a statement has some bytes more.
const TEXT: usize = 1000;

/// dbmate takes minutes.
const PATIENCE: u64 = 1800;

fn run(bench: &Bench) -> Result<Table> {
    let Bench { server, programs, .. } = bench;
    let rows = bench.size(195_000, 20_000);
    let project = Project::new(&bench.place.files("memory")?)?;
    let text = "x".repeat(TEXT);
    let mut longest = 0;
    project.migration_from(1, "DROP TABLE big;\n", &mut |file| {
        writeln!(file, "CREATE TABLE big (id int PRIMARY KEY, text text);")?;
        for row in 1..=rows {
            let statement = format!("INSERT INTO big VALUES ({row}, '{text}');\n");
            longest = longest.max(statement.len());
            file.write_all(statement.as_bytes())?;
        }
        Ok(())
    })?;
    let up = project.up(1);
    let megabytes = |bytes: usize| bytes as f64 / f64::from(1 << 20);
    let size = megabytes(usize::try_from(up.metadata()?.len())?);
    let limit = 64.0 + 2.0 * megabytes(longest);

    server.template("memory")?;
    let counted = |database: &str, ran| {
        let sample = ran?;
        let found = server.session(database)?.query_value("SELECT count(*) FROM big")?.unwrap_or_default();
        ensure!(found == rows.to_string(), "it ended well, but there are {found} rows, not {rows}");
        Ok(sample)
    };
    let mut entries = Vec::new();
    for tool in TOOLS {
        let project = &project;
        entries.push(Entry::new(tool.name(), move || {
            let copy = server.copy("memory")?;
            let job = programs.deploy(tool, project, &server.url(server.tcp(), &copy.name)?)?;
            counted(&copy.name, job.patience(PATIENCE).run())
        }));
    }
    entries.push(Entry::new("psql, one transaction", || {
        let copy = server.copy("memory")?;
        let url = server.url(server.tcp(), &copy.name)?;
        let job = programs.psql(&project.layout(Tool::Pgkeel), &url, &["-1", "-f"]).args([up.clone()]);
        counted(&copy.name, job.patience(PATIENCE).run())
    }));
    let outcomes = contest::hold("memory", bench.rounds(0, 1), entries);

    let case = format!("{size:.0} MB");
    let header = ["case", "tool", "peak MB", "times the file", "median s", "CPU s", "target"];
    let mut table = Table::new("memory: one large migration", &header)
        .about(&format!("One file with {rows} INSERTs, the longest of {longest} bytes."));
    for outcome in &outcomes {
        let samples = match &outcome.samples {
            Ok(samples) => samples,
            Err(why) => {
                table.failed(&case, &outcome.name, why);
                continue;
            }
        };
        let figures = Figures::of(samples);
        let peak = figures.memory.max;
        let target = Some(within(peak, limit, " MB")).filter(|_| outcome.name == "pgkeel");
        table.row([
            case.clone(),
            outcome.name.clone(),
            shown(peak),
            shown(peak / size),
            shown(figures.wall.median / 1e3),
            shown(figures.cpu.median / 1e3),
            target.unwrap_or_default(),
        ]);
    }
    Ok(table)
}
