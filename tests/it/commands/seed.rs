//! `seed`: sets of ordered files in one transaction, with a record of what was loaded.

use insta::assert_snapshot;

use crate::support::project::Project;

const TABLES: (&str, &str, &str) = (
    "20260101000000_tables",
    "CREATE TABLE tag (id int PRIMARY KEY, name text); CREATE TABLE log (n bigserial, what text);",
    "DROP TABLE tag, log;",
);

/// Two sets, whose files say in which order they ran.
fn project() -> Project {
    let project = Project::with_migrations(&[TABLES]);
    project
        .file("seeds/base/20_second.sql", "INSERT INTO log (what) VALUES ('base/20');")
        .file("seeds/base/10_first.sql", "INSERT INTO log (what) VALUES ('base/10');")
        .file("seeds/sample/05_sample.sql", "INSERT INTO log (what) VALUES ('sample/05');")
        .file("seeds/sample/notes.txt", "not SQL")
        .file("seeds/.hidden.sql", "not SQL");
    project.run(&["deploy"]).exits(0);
    project
}

const LOG: &str = "SELECT coalesce(string_agg(what, ', ' ORDER BY n), '') FROM log";

#[test]
fn sets_and_files_run_in_order_and_are_recorded() {
    let project = project();
    assert_snapshot!(project.run(&["seed", "--dry-run"]).text(), @"
    exit 0
    --- stdout
    would load base/10_first.sql
    would load base/20_second.sql
    would load sample/05_sample.sql
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    assert_snapshot!(project.run(&["seed"]).text(), @"
    exit 0
    --- stdout
    table       inserted  updated  deleted
    public.log  3         0        0
    loaded 3 files into DB
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    assert_eq!(project.words(LOG), "base/10, base/20, sample/05");
    let recorded = "SELECT string_agg(seed_set || '/' || file || ' ' || length(checksum), ', ' ORDER BY seed_set, file) \
        FROM pgkeel.seed JOIN pgkeel.operation o ON o.id = operation_id WHERE o.command = 'seed'";
    assert_eq!(
        project.words(recorded),
        "base/10_first.sql 64, base/20_second.sql 64, sample/05_sample.sql 64"
    );
    let list = project.run(&["seed", "--list", "--json"]).json();
    assert_eq!(list["seeds"][0]["state"], "loaded");
}

#[test]
fn the_list_tells_what_was_loaded_and_what_changed_since() {
    let project = project();
    assert_snapshot!(project.run(&["seed", "--list"]).text(), @"
    exit 0
    --- stdout
    set     file           state       loaded at (UTC)
    base    10_first.sql   not loaded
    base    20_second.sql  not loaded
    sample  05_sample.sql  not loaded
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    project.run(&["seed", "--set", "base"]).exits(0);
    project.file("seeds/base/20_second.sql", "SELECT 2;");
    assert_snapshot!(project.run(&["seed", "--list"]).text(), @"
    exit 0
    --- stdout
    set     file           state          loaded at (UTC)
    base    10_first.sql   loaded         TIME
    base    20_second.sql  changed since  TIME
    sample  05_sample.sql  not loaded
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
}

#[test]
fn one_set_or_one_file_can_be_chosen() {
    let project = project();
    project.run(&["seed", "--set", "sample", "--set", "base", "--quiet"]).exits(0);
    assert_eq!(project.words(LOG), "sample/05, base/10, base/20");
    project.sql("TRUNCATE log");
    for name in ["20_second", "20_second.sql", "base/20_second.sql"] {
        project.run(&["seed", "--only", name]).exits(0);
    }
    assert_eq!(project.words(LOG), "base/20, base/20, base/20");
    assert_snapshot!(project.run(&["seed", "--set", "bsae"]).text(), @"
    exit 2
    --- stderr
    error: there is no seed set `bsae` in `ROOT/seeds`
    next: the sets are: base, sample
    ");
    assert_snapshot!(project.run(&["seed", "--only", "30_third"]).text(), @"
    exit 2
    --- stderr
    error: there is no seed file `30_third`
    next: `pgkeel seed --list` shows the files; `--set` chooses their sets
    ");
    project.run(&["seed", "--set", "base", "--only", "05_sample"]).exits(2);
    assert_eq!(project.words(LOG), "base/20, base/20, base/20");
}

#[test]
fn the_environment_chooses_its_sets() {
    let project = project().env("PGKEEL_ENV", "staging");
    project.file("pgkeel.toml", "[environments.staging]\nseeds = [\"base\"]\n");
    project.run(&["seed"]).exits(0);
    assert_eq!(project.words(LOG), "base/10, base/20");
}

#[test]
fn a_failing_second_file_leaves_nothing() {
    let project = project();
    project.file(
        "seeds/base/20_second.sql",
        "-- second\nINSERT INTO log (what) VALUES ('x');\nINSERT INTO tga VALUES (1);\n",
    );
    assert_snapshot!(project.run(&["seed"]).text(), @r#"
    exit 1
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: the seed file `base/20_second.sql` failed
      seeds/base/20_second.sql:3:13
        |
      3 | INSERT INTO tga VALUES (1);
        |             ^
      relation "tga" does not exist (SQLSTATE 42P01)
      the database now: rolled back, nothing of the seeds stays
    next: mend seeds/base/20_second.sql, then `pgkeel seed`
    "#);
    assert_eq!(project.words(LOG), "");
    assert_eq!(project.number("SELECT count(*) FROM pgkeel.seed"), 0);
    assert_eq!(project.words("SELECT outcome FROM pgkeel.operation ORDER BY id DESC LIMIT 1"), "failed");
}

#[test]
fn seeds_that_are_idempotent_are_kept() {
    let project = project();
    project.remove("seeds/base").remove("seeds/sample");
    let sql =
        "INSERT INTO tag VALUES (1, 'a'), (2, 'b') ON CONFLICT (id) DO UPDATE SET name = excluded.name;";
    project.file("seeds/10_tags.sql", sql);
    assert_snapshot!(project.run(&["seed", "--verify-idempotent"]).text(), @"
    exit 0
    --- stdout
    table       inserted  updated  deleted
    public.tag  2         0        0
    loaded 1 file into DB; a second time changed nothing
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    assert_eq!(project.number("SELECT count(*) FROM tag"), 2);
}

#[test]
fn seeds_that_are_not_idempotent_are_refused_and_nothing_is_kept() {
    let project = project();
    assert_snapshot!(project.run(&["seed", "--verify-idempotent"]).text(), @"
    exit 10
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: the seeds are not idempotent: loading them a second time changed public.log (3 rows, then 6); everything was rolled back
    next: write `INSERT … ON CONFLICT … DO UPDATE` with fixed keys
    ");
    assert_eq!((project.words(LOG).as_str(), project.number("SELECT count(*) FROM pgkeel.seed")), ("", 0));
    project.remove("seeds/base").remove("seeds/sample");
    for sql in [
        "INSERT INTO tag VALUES (1, 'a') ON CONFLICT (id) DO UPDATE SET name = tag.name || 'a';",
        "INSERT INTO tag VALUES (1, 'a');",
        "INSERT INTO tag VALUES (1, 'a') ON CONFLICT DO NOTHING; DELETE FROM tag WHERE id = 1 AND name = 'old'; UPDATE tag SET name = 'old';",
    ] {
        project.file("seeds/10_tags.sql", sql);
        let ran = project.run(&["seed", "--verify-idempotent"]);
        assert!([10, 1].contains(&ran.code), "{sql}: {}", ran.text());
        assert_eq!(project.number("SELECT count(*) FROM tag"), 0, "{sql}");
    }
}

#[test]
fn the_seed_command_runs_after_the_sets_with_the_url_in_its_environment() {
    let project = project();
    project.file("pgkeel.toml", "[seed]\ncommand = \"echo from the command; psql -Atc \\\"INSERT INTO log (what) VALUES ('command')\\\" $DATABASE_URL\"\n");
    let ran = project.run(&["seed"]);
    ran.exits(0);
    assert!(
        ran.stderr.contains("from the command") && !ran.stdout.contains("from the command"),
        "{}",
        ran.text()
    );
    assert_eq!(project.words(LOG), "base/10, base/20, sample/05, command");
    let json = project.run(&["seed", "--json", "--set", "base"]).json();
    assert_eq!(json["command"], true);

    project.file("pgkeel.toml", "[seed]\ncommand = [\"false\"]\n");
    assert_snapshot!(project.run(&["seed"]).text(), @"
    exit 1
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    running `false` (`seed.command` in pgkeel.toml)
    error: the seed command `false` ended with exit status: 1; the seed sets before it are loaded
    next: its own output above says why
    ");
    project.file("pgkeel.toml", "[seed]\ncommand = [\"no-such-program\"]\n");
    assert_snapshot!(project.run(&["seed"]).text(), @"
    exit 1
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    running `no-such-program` (`seed.command` in pgkeel.toml)
    error: the seed command `no-such-program` cannot be started (No such file or directory (os error 2)); the seed sets before it are loaded
    next: correct `seed.command` in pgkeel.toml
    ");
}

#[test]
fn what_would_break_the_one_transaction_is_found_before_anything_runs() {
    let project = project();
    project
        .file("seeds/base/30_own.sql", "BEGIN;\nINSERT INTO log (what) VALUES ('x');\nCOMMIT;\n")
        .file("seeds/base/40_psql.sql", "\\set x 1\nSELECT 1;\n")
        .file("seeds/base/50_copy.sql", "COPY tag FROM STDIN;\n1\ta\n\\.\n")
        .file("seeds/base/60_latin.sql", b"SELECT 1;\n-- \xe4\n");
    assert_snapshot!(project.run(&["seed"]).text(), @r"
    exit 2
    --- stderr
    error: the seeds must be mended first; nothing was run
      seeds/base/30_own.sql:1: `BEGIN` would end the one transaction of the seeds
        take it out
      seeds/base/30_own.sql:3: `COMMIT` would end the one transaction of the seeds
        take it out
      seeds/base/40_psql.sql:1: `\set` is a command of psql, not SQL
        take it out
      seeds/base/50_copy.sql:1: `COPY … FROM STDIN` needs a data stream
        write INSERT statements
      seeds/base/60_latin.sql:2: the byte at offset 13 is not UTF-8
        save the file as UTF-8
    next: mend them and run the command again
    ");
    assert_eq!(project.words(LOG), "");
}

#[test]
fn a_files_settings_and_roles_end_with_the_file() {
    let project = project();
    project
        .file(
            "seeds/base/10_first.sql",
            "SET ROLE pg_monitor; SET search_path = pg_catalog; SET lock_timeout = '1ms';",
        )
        .file(
            "seeds/base/20_second.sql",
            "INSERT INTO log (what) SELECT concat_ws(' ', current_user, current_setting('lock_timeout'));",
        );
    project.run(&["seed", "--set", "base"]).exits(0);
    // Somebody else's lock is waited for, but not for ever.
    assert_eq!(project.words(LOG), "dev 30s");
    assert_eq!(project.number("SELECT count(*) FROM pgkeel.seed"), 2);
}

#[test]
fn production_gets_the_sets_that_are_named_for_it() {
    let project = project();
    project.file("pgkeel.toml", "[seed]\nproduction = [\"base\"]\n");
    project.run(&["env", "set", "production"]).exits(0);
    let confirm = format!("production/{}", project.db.name);
    assert_snapshot!(project.run(&["seed", "--confirm", &confirm]).text(), @r#"
    exit 3
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: refused: the seed set `sample` is not meant for a protected environment (the database is marked `production` (by dev, TIME  UTC))
    next: name the sets that are: `[seed] production = ["base"]` in pgkeel.toml, and choose them with `--set`
    "#);
    assert_eq!(project.words(LOG), "");
    project.run(&["seed", "--set", "base", "--yes"]).exits(3);
    project.run(&["seed", "--set", "base", "--confirm", &confirm]).exits(0);
    assert_eq!(project.words(LOG), "base/10, base/20");
}

#[test]
fn a_project_without_seeds_has_nothing_to_do() {
    let project = Project::with_migrations(&[TABLES]);
    assert_snapshot!(project.run(&["seed"]).text(), @"
    exit 0
    --- stdout
    DB: there are no seeds
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    assert_eq!(project.number("SELECT count(*) FROM pg_namespace WHERE nspname = 'pgkeel'"), 0);
}
