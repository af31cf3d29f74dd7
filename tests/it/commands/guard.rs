//! The guard: what destroys asks, and refuses where nobody can be asked. Production is a stated fact.

use insta::assert_snapshot;

use crate::support::project::Project;
use crate::support::terminal::Terminal;

const CUSTOMER: (&str, &str, &str) =
    ("20260101000000_customer", "CREATE TABLE customer (id int);", "DROP TABLE customer;");

/// A deployed project with a row of its own.
fn shop() -> Project {
    let project = Project::with_migrations(&[CUSTOMER]);
    project.run(&["deploy"]).exits(0);
    project.sql("INSERT INTO customer VALUES (7); ANALYZE customer");
    project
}

/// The same, marked as production.
fn production() -> Project {
    let project = shop();
    project.run(&["env", "set", "production"]).exits(0);
    project
}

/// What a refusal must leave as it is: the database itself, its tables and their rows, ours included.
fn picture(project: &Project) -> String {
    project.words(
        "SELECT concat_ws(' | ', (SELECT oid FROM pg_database WHERE datname = current_database()), \
         (SELECT string_agg(c.oid::text || c.relname, ',' ORDER BY c.oid) FROM pg_class c WHERE c.oid >= 16384), \
         (SELECT string_agg(t::text, ',') FROM customer t), \
         (SELECT string_agg(t::text, ',') FROM __diesel_schema_migrations t), \
         (SELECT string_agg(t::text, ',') FROM pgkeel.operation t), \
         (SELECT string_agg(t::text, ',') FROM pgkeel.environment t))",
    )
}

#[test]
fn a_reset_of_production_without_a_terminal_is_refused_whatever_yes_and_force_say() {
    let project = production();
    let before = picture(&project);
    assert_snapshot!(project.run(&["reset", "--yes", "--force"]).text(), @"
    exit 3
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    this destroys everything in postgres://dev@/DB?host=SOCKET: 1 table, about 1 row, N MiB
    error: refused: this is production: the database is marked `production` (by dev, TIME  UTC)
    next: if it is really meant: `--allow-production --confirm production/DB`
    ");
    assert_eq!(picture(&project), before);
    let confirm = format!("production/{}", project.db.name);
    project.run(&["reset", "--yes", "--force", "--confirm", &confirm]).exits(3);
    project.run(&["reset", "--yes", "--force", "--allow-production"]).exits(3);
    assert_eq!(picture(&project), before);
}

#[test]
fn a_confirmed_reset_of_production_keeps_the_mark_and_the_audit_trail() {
    let project = production();
    let before = project.number("SELECT count(*) FROM pgkeel.operation");
    let confirm = format!("production/{}", project.db.name);
    let reset = project.run(&["reset", "--allow-production", "--confirm", &confirm]);
    assert_snapshot!(reset.text(), @"
    exit 0
    --- stdout
    dropped and recreated DB; gone: 1 table, about 1 row, N MiB
    applied 20260101000000_customer
    DB: 1 migration applied
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    took the backup BACKUP (N KiB), read back
    ");
    assert_eq!(project.number("SELECT count(*) FROM customer"), 0);
    assert_eq!(project.words("SELECT name FROM pgkeel.environment"), "production");
    assert_eq!(
        project.words("SELECT string_agg(command, ', ' ORDER BY id) FROM pgkeel.operation"),
        "deploy, env set, reset"
    );
    assert_eq!(project.number("SELECT count(*) FROM pgkeel.operation"), before + 1);
    assert_eq!(project.words("SELECT outcome FROM pgkeel.operation ORDER BY id DESC LIMIT 1"), "done");
    assert_snapshot!(project.run(&["env", "show"]).text(), @"
    exit 0
    --- stdout
    DB: marked `production` by dev, TIME  UTC
    protected: the database is marked `production` (by dev, TIME  UTC)
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
}

#[test]
fn the_mark_in_the_database_wins_over_the_name_of_the_environment() {
    let project = production().env("PGKEEL_ENV", "development");
    let before = picture(&project);
    assert_snapshot!(project.run(&["reset", "--yes"]).text(), @"
    exit 3
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    this destroys everything in postgres://dev@/DB?host=SOCKET: 1 table, about 1 row, N MiB
    error: refused: this is production: the database is marked `production` (by dev, TIME  UTC)
    next: if it is really meant: `--allow-production --confirm production/DB`
    ");
    assert_eq!(picture(&project), before);
}

#[test]
fn a_forbidden_reset_passes_no_flag() {
    let project = shop();
    project.file("pgkeel.toml", "allow_reset = false\n");
    let before = picture(&project);
    let confirm = format!("unmarked/{}", project.db.name);
    let reset = project.run(&["reset", "--yes", "--force", "--allow-production", "--confirm", &confirm]);
    assert_snapshot!(reset.text(), @"
    exit 3
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    this destroys everything in postgres://dev@/DB?host=SOCKET: 1 table, about 1 row, N MiB
    error: refused: `allow_reset = false` in the configuration forbids it, and no flag passes that
    next: change pgkeel.toml if it is really meant
    ");
    assert_eq!(picture(&project), before);
}

#[test]
fn a_copy_of_a_marked_database_is_protected_until_it_is_named() {
    let project = shop();
    project.run(&["env", "set", "development"]).exits(0);
    project.run(&["reset", "--yes", "--dry-run"]).exits(0);
    project.sql("UPDATE pgkeel.environment SET database = 'shop'");
    let before = picture(&project);
    assert_snapshot!(project.run(&["reset", "--yes"]).text(), @"
    exit 3
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    this destroys everything in postgres://dev@/DB?host=SOCKET: 1 table, about 1 row, N MiB
    error: refused: the place is protected (the mark `development` was set in database `shop` of another place: this is a copy until `pgkeel env set` says what it is), and nobody can be asked: this is no terminal
    next: give `--confirm development/DB` if it is meant; `--yes` is not enough here
    ");
    assert_eq!(picture(&project), before);
    let confirm = format!("development/{}", project.db.name);
    project.run(&["env", "set", "development", "--yes"]).exits(3);
    project.run(&["env", "set", "development", "--confirm", &confirm]).exits(0);
    project.run(&["reset", "--yes"]).exits(0);
}

#[test]
fn a_confirmation_of_another_place_is_refused_also_where_nothing_is_protected() {
    let project = shop();
    let before = picture(&project);
    assert_snapshot!(project.run(&["reset", "--yes", "--confirm", "production/shop"]).text(), @"
    exit 3
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    this destroys everything in postgres://dev@/DB?host=SOCKET: 1 table, about 1 row, N MiB
    error: refused: `--confirm production/shop` does not name this place, which is `unmarked/DB`
    next: check that you are where you think you are
    ");
    assert_eq!(picture(&project), before);
}

#[test]
fn on_a_terminal_production_wants_the_name_of_the_database() {
    let project = production();
    let name = project.db.name.clone();
    let before = picture(&project);
    let reset = || {
        let mut terminal = Terminal::start(project.command(&["reset", "--allow-production", "--skip-seed"]));
        terminal.sees("to go on");
        terminal
    };
    let (shown, code) = reset().types("shop").ends();
    assert!(
        shown.contains("this destroys everything in postgres://") && shown.contains("1 table"),
        "{shown}"
    );
    assert!(shown.contains("error: refused: `shop` was typed"), "{shown}");
    assert_eq!((code, picture(&project)), (3, before.clone()));

    let (shown, code) = reset().types("y").ends();
    assert_eq!((code, picture(&project)), (3, before.clone()), "{shown}");

    let (shown, code) = reset().presses_control('c').ends();
    assert!(shown.contains("nothing was changed"), "{shown}");
    assert_eq!((code, picture(&project)), (130, before.clone()));

    let (shown, code) = reset().presses_control('d').ends();
    assert!(shown.contains("nothing was changed"), "{shown}");
    assert_eq!((code, picture(&project)), (130, before));

    let (shown, code) = reset().types(&name).ends();
    assert_eq!(code, 0, "{shown}");
    assert_eq!(project.number("SELECT count(*) FROM customer"), 0);
    assert_eq!(project.words("SELECT name FROM pgkeel.environment"), "production");
}

#[test]
fn on_a_terminal_a_place_that_is_not_protected_wants_a_yes() {
    let project = shop();
    let before = picture(&project);
    for answer in ["n", "", "no", project.db.name.as_str(), "yess"] {
        let mut terminal = Terminal::start(project.command(&["reset"]));
        let (shown, code) = terminal.sees("Go on? [y/N]").types(answer).ends();
        assert!(shown.contains("nothing was changed"), "{shown}");
        assert_eq!((code, picture(&project)), (130, before.clone()), "{answer}");
    }
    let (shown, code) = Terminal::start(project.command(&["reset"])).sees("Go on?").types("Y").ends();
    assert_eq!(code, 0, "{shown}");
    assert_eq!(project.number("SELECT count(*) FROM customer"), 0);
}

#[test]
fn a_terminal_that_a_program_drives_counts_as_none() {
    let project = shop();
    let before = picture(&project);
    for (variable, value) in [("AI_AGENT", "1"), ("CLAUDECODE", "1"), ("CI", "1"), ("CI", "true")] {
        let mut command = project.command(&["reset"]);
        command.env(variable, value);
        let (shown, code) = Terminal::start(command).ends();
        assert!(shown.contains("this is no terminal") && shown.contains("--yes"), "{shown}");
        assert_eq!((code, picture(&project)), (3, before.clone()), "{variable}");
    }
}

#[test]
fn rollback_seed_and_execute_want_the_place_named_where_it_is_protected() {
    let project = production();
    project
        .file("pgkeel.toml", "[seed]\nproduction = [\"main\"]\n")
        .file("seeds/10_customers.sql", "INSERT INTO customer VALUES (1);");
    let before = picture(&project);
    let statements = [
        "DROP TABLE customer",
        "TRUNCATE customer",
        "DELETE FROM customer",
        "UPDATE customer SET id = 1",
        "WITH gone AS (DELETE FROM customer RETURNING id) SELECT * FROM gone",
        "SELECT 1; ALTER TABLE customer DROP COLUMN id",
    ];
    let execute = statements.map(|sql| vec!["execute", "--sql", sql]);
    for arguments in
        execute.into_iter().chain([vec!["rollback"], vec!["seed"], vec!["env", "set", "staging"]])
    {
        for said in [&[][..], &["--yes"], &["--confirm", "production/other"], &["--confirm", "staging/shop"]]
        {
            let arguments: Vec<_> = arguments.iter().chain(said).copied().collect();
            let ran = project.run(&arguments);
            ran.exits(3);
            assert!(ran.stderr.contains("error: refused: "), "{arguments:?}: {}", ran.text());
            assert_eq!(picture(&project), before, "{arguments:?}");
        }
    }
    assert_snapshot!(project.run(&["execute", "--sql", "SELECT 1;\nTRUNCATE customer"]).text(), @"
    exit 3
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    this can destroy data:
      line 2: TRUNCATE customer
    error: refused: the place is protected (the database is marked `production` (by dev, TIME  UTC)), and nobody can be asked: this is no terminal
    next: give `--confirm production/DB` if it is meant; `--yes` is not enough here
    ");
    assert_snapshot!(project.run(&["rollback"]).text(), @"
    exit 3
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    this undoes 1 migration, newest first:
      20260101000000_customer (migrations/20260101000000_customer/down.sql)
        loses data: DROP TABLE customer
    error: refused: the place is protected (the database is marked `production` (by dev, TIME  UTC)), and nobody can be asked: this is no terminal
    next: give `--confirm production/DB` if it is meant; `--yes` is not enough here
    ");
    let confirm = format!("production/{}", project.db.name);
    project.run(&["execute", "--sql", "TRUNCATE customer", "--confirm", &confirm]).exits(0);
    project.run(&["seed", "--confirm", &confirm]).exits(0);
    assert_eq!(project.number("SELECT count(*) FROM customer"), 1);
    project.run(&["rollback", "--confirm", &confirm]).exits(0);
    assert_eq!(project.number("SELECT count(*) FROM pg_class WHERE relname = 'customer'"), 0);
    project.run(&["env", "set", "staging", "--confirm", &confirm]).exits(0);
    assert_eq!(project.words("SELECT name FROM pgkeel.environment"), "staging");
}

#[test]
fn statements_that_name_their_rows_are_not_asked_about() {
    let project = production();
    for sql in
        ["DELETE FROM customer WHERE id = 1", "UPDATE customer SET id = 8 WHERE id = 7", "SELECT 'DROP'"]
    {
        project.run(&["execute", "--sql", sql]).exits(0);
    }
    assert_eq!(project.number("SELECT id FROM customer"), 8);
}

#[test]
fn the_first_deploy_to_production_marks_the_database() {
    let project = Project::with_migrations(&[CUSTOMER]);
    project.file("pgkeel.toml", "[environments.production]\nurl = \"env:DATABASE_URL\"\n");
    assert_snapshot!(project.run(&["deploy", "--env", "production"]).text(), @"
    exit 0
    --- stdout
    applied 20260101000000_customer  N ms
    DB: applied 1 migration
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment, named by `environments.production.url` in pgkeel.toml)
    took the backup BACKUP (N KiB), read back
    marked the database as `production` (`pgkeel env show`)
    ");
    assert_snapshot!(project.run(&["deploy", "--env", "production"]).text(), @"
    exit 0
    --- stdout
    DB: nothing to apply
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment, named by `environments.production.url` in pgkeel.toml)
    ");
    project.run(&["reset", "--yes"]).exits(3);
    let operations =
        project.words("SELECT string_agg(command || ' ' || environment, ', ') FROM pgkeel.operation");
    assert_eq!(operations, "deploy production");
}

#[test]
fn the_seeds_of_a_reset_are_held_to_the_sets_that_production_may_have() {
    let project = production();
    project
        .file("pgkeel.toml", "[seed]\nproduction = [\"base\"]\n")
        .file("seeds/base/10_customers.sql", "INSERT INTO customer VALUES (1);")
        .file("seeds/sample/10_customers.sql", "INSERT INTO customer VALUES (99);");
    let before = picture(&project);
    let confirm = format!("production/{}", project.db.name);
    let reset = project.run(&["reset", "--allow-production", "--confirm", &confirm]);
    assert_snapshot!(reset.text(), @r#"
    exit 3
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: refused: the seed set `sample` is not meant for a protected environment (the database is marked `production` (by dev, TIME  UTC))
    next: name the sets that are: `[seed] production = ["base"]` in pgkeel.toml, and the environment's `seeds`; or give `--skip-seed`
    "#);
    assert_eq!(picture(&project), before);
    project.run(&["reset", "--allow-production", "--confirm", &confirm, "--skip-seed"]).exits(0);
    assert_eq!(project.number("SELECT count(*) FROM customer"), 0);
}
