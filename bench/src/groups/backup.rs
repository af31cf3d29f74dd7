//! Taking a backup, proving it, restoring it: next to pg_dump and pg_restore with the same options. Targets: 1.15 times
//! pg_dump and 1.2 times pg_restore, verification included in both.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::{Bench, Group};
use crate::contest::{self, Entry, Figures};
use crate::measure::{Job, Sample};
use crate::project::Project;
use crate::server::Server;
use crate::stats::shown;
use crate::table::{Table, Target, verdict};
use crate::tools::Tool;

pub(super) const GROUP: Group =
    Group { name: "backup", about: "backup, verification and restore of about 2 GB", peers: false, run };

const JOBS: &str = "2";
const PATIENCE: u64 = 3600;

/// Where one restores to.
const TARGET: &str = "bench_target";

fn run(bench: &Bench) -> Result<Table> {
    let Bench { server, programs, .. } = bench;
    let database = fill(bench)?;
    let bytes = server.session(&database)?.query_value("SELECT pg_database_size(current_database())")?;
    let megabytes = bytes.unwrap_or_default().parse::<f64>()? / f64::from(1 << 20);
    let project = Project::new(&bench.place.files("backup")?)?;
    let dir = project.layout(Tool::Pgkeel);
    fs::write(dir.join("pgkeel.toml"), "")?;
    let url = server.url(server.tcp(), &database)?;
    let pgkeel =
        |words: &[&str]| programs.ask(Tool::Pgkeel, &project, &url, words).map(|job| job.patience(PATIENCE));
    let stock = |name: &str| programs.client(name).map(|program| Job::new(&program, &dir).patience(PATIENCE));
    let (recipient, identity) = keys(&dir)?;

    let taken = dir.join("backups");
    let dump = dir.join("dump");
    let fresh = |path: &Path| if path.exists() { fs::remove_dir_all(path) } else { Ok(()) };
    let take = ["backup", "--compression", "gzip:1", "--jobs", JOBS];
    let entries = vec![
        Entry::new("pgkeel", || {
            fresh(&taken)?;
            pgkeel(&take)?.run()
        }),
        Entry::new("pg_dump -Fd", || {
            fresh(&dump)?;
            stock("pg_dump")?.args(["-Fd", "-Z1", "-j", JOBS, "-f"]).args([&dump]).args(["-d", &url]).run()
        }),
        Entry::new("pgkeel, encrypted", || {
            fresh(&dir.join("encrypted"))?;
            pgkeel(&[&take[..], &["--dir", "encrypted", "--encrypt-to", &recipient]].concat())?.run()
        }),
        Entry::new("pg_dump -Fc", || {
            let file = dir.join("dump.pgdump");
            stock("pg_dump")?.args(["-Fc", "-Z1", "-f"]).args([&file]).args(["-d", &url]).run()
        }),
    ];
    let title = "backup, verification and restore";
    let header = ["case", "tool", "median s", "min s", "CPU s", "peak MB", "on disk MB", "ratio", "target"];
    let mut table = Table::new(title, &header)
        .about(&format!("A database of {megabytes:.0} MB, gzip level 1, {JOBS} jobs."))
        .about("Ratios are of medians, to the stock program with the same options. CPU is the client's.");
    let rounds = bench.rounds(0, 3);
    let outcomes = contest::hold("backup", rounds, entries);
    let sizes = [
        size_of(&taken)?,
        size_of(&dump)?,
        size_of(&dir.join("encrypted"))?,
        size_of(&dir.join("dump.pgdump"))?,
    ];
    rows(
        &mut table,
        "backup",
        &outcomes,
        &[(0, 1, Some(1.15)), (1, 1, None), (2, 3, None), (3, 3, None)],
        &sizes,
    );

    let drop_target = || server.run("postgres", &format!("DROP DATABASE IF EXISTS {TARGET} WITH (FORCE)"));
    let verify = |level: &'static str| {
        pgkeel(&["backup", "verify", "latest", "--level", level, "--jobs", JOBS])?.run()
    };
    let entries = vec![
        Entry::new("pgkeel restore --into", || {
            drop_target()?;
            let sample = pgkeel(&["restore", "latest", "--into", TARGET, "--jobs", JOBS, "--yes"])?.run()?;
            whole(server, &database)?;
            Ok(sample)
        }),
        Entry::new("pg_restore", || {
            drop_target()?;
            server.run("postgres", &format!("CREATE DATABASE {TARGET} TEMPLATE template0"))?;
            let target = server.url(server.tcp(), TARGET)?;
            let sample = stock("pg_restore")?
                .args(["-j", JOBS, "--exit-on-error", "-d", &target])
                .args([&dump])
                .run()?;
            whole(server, &database)?;
            Ok(sample)
        }),
        Entry::new("pgkeel backup verify --level 1", || verify("1")),
        Entry::new("pgkeel backup verify --level 2", || verify("2")),
        Entry::new("pgkeel restore --into, encrypted", || {
            drop_target()?;
            let identity = identity.to_string_lossy().into_owned();
            let words = [
                "restore",
                "latest",
                "--dir",
                "encrypted",
                "--identity",
                &identity,
                "--into",
                TARGET,
                "--yes",
            ];
            let sample = pgkeel(&words)?.run()?;
            whole(server, &database)?;
            Ok(sample)
        }),
    ];
    let outcomes = contest::hold("restore", rounds, entries);
    let pairs = [(0, 1, Some(1.2)), (1, 1, None), (2, 1, None), (3, 1, None), (4, 1, None)];
    rows(&mut table, "restore", &outcomes, &pairs, &[]);
    drop_target()?;
    Ok(table)
}

/// The rows of one contest: which entry is compared with which, and its target.
fn rows(
    table: &mut Table,
    case: &str,
    outcomes: &[contest::Outcome<Sample>],
    pairs: &[(usize, usize, Option<f64>)],
    sizes: &[u64],
) {
    let median = |index: usize| {
        let samples = outcomes.get(index).and_then(|outcome| outcome.samples.as_deref().ok())?;
        Some(Figures::of(samples).wall.median)
    };
    for &(index, reference, target) in pairs {
        let outcome = &outcomes[index];
        let samples = match &outcome.samples {
            Ok(samples) => samples,
            Err(why) => {
                table.failed(case, &outcome.name, why);
                continue;
            }
        };
        let figures = Figures::of(samples);
        let ratio = median(reference).map(|of| figures.wall.median / of);
        let of = if case == "backup" { "pg_dump" } else { "pg_restore" };
        table.row([
            case.to_owned(),
            outcome.name.clone(),
            shown(figures.wall.median / 1e3),
            shown(figures.wall.min / 1e3),
            shown(figures.cpu.median / 1e3),
            shown(figures.memory.max),
            sizes.get(index).map(|bytes| shown(*bytes as f64 / f64::from(1 << 20))).unwrap_or_default(),
            ratio.map(|ratio| format!("{ratio:.2}")).unwrap_or_default(),
            target.map(|at_most| verdict(ratio, Target { at_most, of })).unwrap_or_default(),
        ]);
    }
}

/// The source: pgbench's accounts, events with text, and 300 small tables that refer to one another.
fn fill(bench: &Bench) -> Result<String> {
    let server = &bench.server;
    let name = "backup_source".to_owned();
    server.template(&name)?;
    let (accounts, events) = (bench.size(10_000_000, 100_000), bench.size(1_500_000, 15_000));
    server.run(
        &name,
        &format!(
            "CREATE TABLE pgbench_accounts (aid int PRIMARY KEY, bid int, abalance int, filler char(84)); \
             INSERT INTO pgbench_accounts SELECT i, i / 100000, i % 1000, '' FROM generate_series(1, {accounts}) i; \
             CREATE TABLE event (id bigserial PRIMARY KEY, at timestamptz NOT NULL, kind text NOT NULL, payload jsonb NOT NULL); \
             INSERT INTO event (at, kind, payload) SELECT timestamptz '2025-01-01' + i * interval '1 second', 'kind ' || i % 17, \
               jsonb_build_object('n', i, 'hash', md5(i::text), 'text', repeat(md5((i * 7)::text), 4)) \
             FROM generate_series(1, {events}) i; CREATE INDEX ON event (kind, at)"
        ),
    )?;
    for number in 0..bench.size(300, 20) {
        let refers =
            if number == 0 { String::new() } else { format!(" REFERENCES small_{} (id)", number - 1) };
        server.run(
            &name,
            &format!(
                "CREATE TABLE small_{number} (id int PRIMARY KEY{refers}, name text NOT NULL DEFAULT 'x', at timestamptz DEFAULT now()); \
                 INSERT INTO small_{number} (id) SELECT generate_series(1, 100)"
            ),
        )?;
    }
    server.run(&name, "VACUUM ANALYZE")?;
    server.run("postgres", "CHECKPOINT")?;
    Ok(name)
}

/// That everything arrived.
fn whole(server: &Server, source: &str) -> Result<()> {
    let count = "SELECT concat_ws(' ', (SELECT count(*) FROM pgbench_accounts), (SELECT count(*) FROM event), \
                 (SELECT count(*) FROM pg_class WHERE relname LIKE 'small%'))";
    let [wanted, found] = [source, TARGET]
        .map(|database| server.session(database)?.query_value(count).map_err(Into::into))
        as [Result<Option<String>>; 2];
    let (wanted, found) = (wanted?, found?);
    ensure!(wanted == found, "{found:?} arrived of {wanted:?}");
    Ok(())
}

/// Bytes of a file or folder.
fn size_of(path: &Path) -> Result<u64> {
    let meta = fs::symlink_metadata(path).with_context(|| format!("cannot look at `{}`", path.display()))?;
    if !meta.is_dir() {
        return Ok(meta.len());
    }
    fs::read_dir(path)?.map(|entry| size_of(&entry?.path())).sum()
}

/// A pair of keys of age: the public one, and the file with the secret one.
fn keys(dir: &Path) -> Result<(String, PathBuf)> {
    use age::secrecy::ExposeSecret;
    let secret = age::x25519::Identity::generate();
    let file = dir.join("identity.txt");
    fs::write(&file, format!("{}\n", secret.to_string().expose_secret()))?;
    Ok((secret.to_public().to_string(), file))
}
