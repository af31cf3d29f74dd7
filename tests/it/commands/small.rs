//! The small commands: health, config, init, env, completions, man; and what holds for all of them.

use std::process::Stdio;

use insta::assert_snapshot;

use crate::support::project::Project;

#[test]
fn health_is_one_exact_document_and_an_exit_status() {
    let project = Project::new();
    let healthy = project.run(&["health"]);
    let time = healthy.exits(0).json()["responseTime"].as_u64().expect("a number of milliseconds");
    assert_eq!(healthy.stdout, format!("{{\"format\":1,\"connected\":true,\"responseTime\":{time}}}\n"));
    assert_eq!(healthy.stderr, "");
    assert_eq!(project.run(&["health", "--json"]).exits(0).json()["connected"], true);
    assert_eq!(project.run(&["health", "-q"]).exits(0).text(), "exit 0\n");
    let project = project.url("postgres:///shop?host=/nowhere/sockets&user=app");
    assert_snapshot!(project.run(&["health"]).text(), @r#"
    exit 8
    --- stdout
    {"format":1,"connected":false,"error":"cannot connect to postgres://app@/shop?host=/nowhere/sockets: there is no server socket `/nowhere/sockets/.s.PGSQL.5432`"}
    "#);
    assert_eq!(project.run(&["health", "-q"]).text(), "exit 8\n");
}

#[test]
fn config_shows_every_value_with_its_origin() {
    let project = Project::new().url("").env("DATABASE_POOL_MAX", "3").env("PGKEEL_PG_BIN", "");
    project
        .file(".env", "DATABASE_URL=postgres://app:secret@db.example/shop?connection_limit=7\nDATABASE_POOL_MIN=1\n")
        .file("pgkeel.toml", "bookkeeping_schema = \"ops\"\n[deploy]\nlock_timeout = \"2s\"\n[backup.keep]\ndaily = 7\nwithin = \"2d\"\n[seed]\ncommand = \"cargo run --bin seed\"\n")
        .file("diesel.toml", "[migrations_directory]\ndir = \"db/migrations\"\n");
    // The columns are as wide as the paths in them.
    let table = project.run(&["config"]).text().replace("  ", "\t");
    let table: Vec<_> = table.lines().map(|line| line.split('\t').filter(|cell| !cell.is_empty())).collect();
    let table: Vec<_> =
        table.into_iter().map(|cells| cells.map(str::trim).collect::<Vec<_>>().join(" | ")).collect();
    assert_snapshot!(table.join("\n"), @"
    exit 0
    --- stdout
    key | value | from
    root | ROOT | where the project is
    environment | not set
    protected | not set
    allow_reset | true | default
    database | postgres://app:****@db.example/shop?connection_limit=7 | `DATABASE_URL` in .env
    direct | not set
    shadow | not set
    pool.min | 1 | `DATABASE_POOL_MIN` in .env
    pool.max | 3 | `DATABASE_POOL_MAX` in the environment
    pool.timeout | 10s | default
    schema | schema.sql | default
    migrations | db/migrations | `migrations_directory.dir` in diesel.toml
    bookkeeping_schema | ops | `bookkeeping_schema` in pgkeel.toml
    trusted_owners | not set
    deploy.role | not set
    deploy.lock_timeout | 2s | `deploy.lock_timeout` in pgkeel.toml
    deploy.lock_wait | not set
    deploy.wait | not set
    deploy.backup | auto | default
    deploy.backup_budget | 10min | default
    backup.dir | backups | default
    backup.jobs | not set
    backup.compression | auto | default
    backup.recipients | default
    backup.identity | not set
    backup.quarantine | 7d | default
    backup.verify_every | 7d | default
    backup.keep.last | not set
    backup.keep.hourly | not set
    backup.keep.daily | 7 | `backup.keep.daily` in pgkeel.toml
    backup.keep.weekly | not set
    backup.keep.monthly | not set
    backup.keep.yearly | not set
    backup.keep.within | 2d | `backup.keep.within` in pgkeel.toml
    backup.keep.labels | not set
    pgbouncer | not set
    drift.ignore | default
    drift.owners | false | default
    drift.privileges | true | default
    seed.dir | seeds | default
    seed.sets | not set
    seed.command | cargo run --bin seed | `seed.command` in pgkeel.toml
    seed.production | default
    color | auto | default
    pg_bin | not set
    state_dir | ROOT/state | `PGKEEL_STATE_DIR` in the environment
    driven_by | not set
    ");
    let json = project.run(&["config", "--json"]).json();
    let entries = json["entries"].as_array().unwrap();
    let max = entries.iter().find(|entry| entry["key"] == "pool.max").expect("the pool has a size");
    assert_eq!(
        (max["value"].as_str(), max["origin"].as_str()),
        (Some("3"), Some("`DATABASE_POOL_MAX` in the environment"))
    );
    assert_eq!(json["format"], 1);
}

#[test]
fn init_lays_a_project_out_and_a_second_run_overwrites_nothing() {
    let project = Project::new();
    project.remove("migrations").file(".gitignore", "target\n.env").file("diesel.toml", "# mine\n");
    assert_snapshot!(project.run(&["init"]).text(), @"
    exit 0
    --- stdout
    created pgkeel.toml
    kept diesel.toml
    created migrations
    created seeds
    created .env.example
    extended .gitignore
    next: write your tables into schema.sql, then `pgkeel migrate`
    ");
    let read = |name: &str| std::fs::read_to_string(project.root().join(name)).unwrap();
    assert_eq!(read("diesel.toml"), "# mine\n");
    assert_eq!(read(".gitignore"), "target\n.env\n.env.*\n!.env.example\n/backups/\n");
    project.file("pgkeel.toml", "allow_reset = false\n").file("seeds/10.sql", "SELECT 1;");
    assert_snapshot!(project.run(&["init"]).text(), @"
    exit 0
    --- stdout
    kept pgkeel.toml
    kept diesel.toml
    kept migrations
    kept seeds
    kept .env.example
    kept .gitignore
    next: write your tables into schema.sql, then `pgkeel migrate`
    ");
    assert_eq!(read("pgkeel.toml"), "allow_reset = false\n");
    assert_eq!(read(".gitignore").matches(".env.*").count(), 1);
    // What it lays out can be worked with.
    project.remove("pgkeel.toml").run(&["init", "-q", "--json"]).exits(0);
    project.run(&["migrate", "--name", "first", "--empty"]).exits(0);
    assert!(project.root().join("migrations/20260102030405_first/up.sql").exists());
}

#[test]
fn init_in_a_folder_that_is_not_there_says_so() {
    let project = Project::new();
    assert_snapshot!(project.run(&["init", "-C", "services/shop"]).text(), @"
    exit 2
    --- stderr
    error: The directory `ROOT/services/shop` cannot be used: No such file or directory (os error 2). Give an existing one with `-C`.
    ");
}

#[test]
fn env_show_and_set_tell_and_keep_the_mark() {
    let project = Project::new();
    assert_snapshot!(project.run(&["env", "show"]).text(), @"
    exit 0
    --- stdout
    DB: not marked
    not protected
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    assert_eq!(project.number("SELECT count(*) FROM pg_namespace WHERE nspname = 'pgkeel'"), 0);
    assert_snapshot!(project.run(&["env", "set", "staging"]).text(), @"
    exit 0
    --- stdout
    DB: marked `staging` by dev, TIME  UTC
    not protected
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    let json = project.run(&["env", "show", "--json"]).json();
    assert_eq!((json["mark"]["name"].as_str(), json["protected"].as_bool()), (Some("staging"), Some(false)));
    // Raising needs no confirmation.
    project.run(&["env", "set", "live"]).exits(0);
    assert_eq!(project.run(&["env", "show", "--json"]).json()["production"], true);
    assert_snapshot!(project.run(&["env", "set", "two words"]).text(), @"
    exit 2
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: `two words` cannot be the name of an environment
    next: letters, digits, `-`, `_` and `.`: `pgkeel env set production`
    ");
    assert_snapshot!(project.run(&["env", "show", "--env", "production"]).text(), @"
    exit 0
    --- stdout
    DB: marked `live` by dev, TIME  UTC
    protected: the environment's name is `production`; the database is marked `live` (by dev, TIME  UTC)
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    project.file("pgkeel.toml", "[environments.staging]\nprotected = true\n");
    let protected = project.run(&["env", "show", "--env", "staging", "--json"]).json();
    assert_eq!(protected["because"][0], "the configuration says `protected = true`", "{protected}");
}

#[test]
fn every_shell_gets_its_completions() {
    let project = Project::new();
    // A shell may start anywhere.
    project.file("pgkeel.toml", "broken");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = project.run(&["completions", shell]);
        assert!(ran.exits(0).stdout.contains("rollback") && ran.stderr.is_empty(), "{shell}");
    }
    project.run(&["completions", "tcsh"]).exits(2);
}

#[test]
fn man_pages_are_there_for_the_program_and_for_each_command() {
    let project = Project::new();
    project.file("pgkeel.toml", "broken");
    let whole = project.run(&["man"]);
    assert!(
        whole.exits(0).stdout.contains(".TH pgkeel 1") && whole.stdout.contains("deploy"),
        "{}",
        whole.stdout
    );
    let deploy = project.run(&["man", "deploy"]);
    assert!(
        deploy.exits(0).stdout.contains("lock") && deploy.stdout.contains("Examples"),
        "{}",
        deploy.stdout
    );
    assert_snapshot!(project.run(&["man", "depoly"]).text(), @"
    exit 2
    --- stderr
    error: there is no command `depoly`
    next: `pgkeel help` lists the commands
    ");
}

#[test]
fn a_closed_pipe_on_stdout_is_a_quiet_end() {
    let project = Project::with_migrations(&[("20260101000000_a", "SELECT 1;", "SELECT 1;")]);
    for arguments in [
        &["status", "--exit-zero"][..],
        &["config"],
        &["deploy", "--json"],
        &["completions", "bash"],
        &["man"],
        &["--help"],
        &["--version"],
        &["deploy", "--help"],
        &["health"],
        &["execute", "--sql", "SELECT repeat('x', 100) FROM generate_series(1, 5000)", "--format", "csv"],
    ] {
        let mut command = project.command(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {stderr}");
        assert!(!stderr.contains("panicked") && !stderr.contains("error"), "{arguments:?}: {stderr}");
    }
}

#[test]
fn mistakes_in_the_configuration_are_told_with_file_and_line_and_as_json() {
    let project = Project::new();
    project.file("pgkeel.toml", "[deploy]\nlock_time_out = \"1s\"\n");
    assert_snapshot!(project.run(&["deploy", "--json"]).text(), @r#"
    exit 2
    --- stdout
    {
      "format": 1,
      "error": {
        "message": "pgkeel.toml:2:1: unknown field `lock_time_out`, expected one of `role`, `lock_timeout`, `lock_wait`, `wait`, `backup`, `backup_budget`. Did you mean `lock_timeout`?",
        "hints": [],
        "exitCode": 2
      }
    }
    --- stderr
    error: pgkeel.toml:2:1: unknown field `lock_time_out`, expected one of `role`, `lock_timeout`, `lock_wait`, `wait`, `backup`, `backup_budget`. Did you mean `lock_timeout`?
    "#);
    project.file("pgkeel.toml", "");
    assert_snapshot!(project.run(&["deploy", "--database-url", "mysql://root@db/shop"]).text(), @"
    exit 2
    --- stderr
    error: `--database-url`: `mysql://` is not PostgreSQL, and PostgreSQL is all that pgkeel speaks. Write `postgres://…`.
    ");
    let project = project.url("").env("CI", "1");
    assert_snapshot!(project.run(&["migrate"]).text(), @"
    exit 2
    --- stderr
    error: No database is configured, and in CI the dev cluster is nobody's default. Set DATABASE_URL, or give `--dev` for the project's own dev cluster.
    ");
    let json = project.run(&["status", "--json"]);
    assert_eq!(json.exits(2).json()["error"]["exitCode"], 2);
}
