//! `migrate squash`: the same database in one migration, and what becomes of databases that have all, some or none of the old
//! ones.

use insta::assert_snapshot;

use crate::support::project::{Project, Ran};

const USERS: (&str, &str, &str) =
    ("20260101000000_users", "CREATE TABLE users (id int PRIMARY KEY, nick text);\n", "DROP TABLE users;\n");
const EMAIL: (&str, &str, &str) = (
    "20260102000000_email",
    "ALTER TABLE users DROP nick;\nALTER TABLE users ADD email text NOT NULL DEFAULT '';\n",
    "ALTER TABLE users DROP email;\nALTER TABLE users ADD nick text;\n",
);
const PLAN: (&str, &str, &str) = (
    "20260103000000_plan",
    "CREATE TABLE plan (name text PRIMARY KEY);\nINSERT INTO plan VALUES ('free'), ('paid');\n",
    "DROP TABLE plan;\n",
);
const LATER: (&str, &str, &str) = (
    "20260104000000_later",
    "ALTER TABLE users ADD plan text REFERENCES plan;\n",
    "ALTER TABLE users DROP plan;\n",
);

const SQUASHED: &str = "20260103000000_squashed";

fn project() -> Project {
    let project = Project::with_migrations(&[USERS, EMAIL, PLAN, LATER]);
    project.file("pgkeel.toml", "");
    project
}

fn squash(project: &Project) -> Ran {
    let ran = project.run(&["migrate", "squash", "--through", "plan"]);
    ran.exits(0);
    ran
}

/// The versions in Diesel's ledger, and in our record as applied.
fn ledgers(project: &Project) -> (String, String) {
    let list =
        |from: &str| format!("SELECT coalesce(string_agg(version, ' ' ORDER BY version), '') FROM {from}");
    (
        project.words(&list("__diesel_schema_migrations")),
        project.words(&list("pgkeel.migration WHERE state = 'applied'")),
    )
}

#[track_caller]
fn is_whole(project: &Project) {
    project.run(&["status"]).exits(0);
    project.run(&["drift"]).exits(0);
    assert_eq!(ledgers(project).0, "20260103000000 20260104000000");
    assert_eq!(ledgers(project).1, "20260103000000 20260104000000");
    assert_eq!(project.number("SELECT count(*) FROM plan"), 2);
    let columns = "SELECT string_agg(attname, ' ' ORDER BY attname) FROM pg_attribute \
                   WHERE attrelid = 'users'::regclass AND attnum > 0 AND NOT attisdropped";
    assert_eq!(project.words(columns), "email id plan");
}

#[test]
fn a_squash_writes_one_migration_and_keeps_the_old_ones_aside() {
    let project = project();
    assert_snapshot!(project.run(&["migrate", "squash", "--through", "20260103000000", "--dry-run"]).text(), @"
    exit 0
    --- stdout
    carried over migrations/20260103000000_plan/up.sql:2: INSERT
    -- migrations/20260103000000_squashed/up.sql
    -- Stands for 3 migrations, the last of them 20260103000000_plan: see pgkeel.toml.

    CREATE TABLE public.plan (
        name text NOT NULL,
        CONSTRAINT plan_pkey PRIMARY KEY (name)
    );

    CREATE TABLE public.users (
        id integer NOT NULL,
        email text DEFAULT ''::text NOT NULL,
        CONSTRAINT users_pkey PRIMARY KEY (id)
    );

    -- Carried over as they were: no catalog shows what these did.

    -- From 20260103000000_plan:
    INSERT INTO plan VALUES ('free'), ('paid');
    -- migrations/20260103000000_squashed/down.sql
    -- Loses:
    --   the rows of public.plan
    --   the rows of public.users

    -- data-loss: the rows of public.plan
    DROP TABLE public.plan;

    -- data-loss: the rows of public.users
    DROP TABLE public.users;
    would move 20260101000000_users into migrations/.replaced/20260103000000_squashed
    would move 20260102000000_email into migrations/.replaced/20260103000000_squashed
    would move 20260103000000_plan into migrations/.replaced/20260103000000_squashed
    proved: applied, undone and applied again; the same schema and the same rows as those that it replaces
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    the 3 migrations that are replaced: in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    the squashed migration: in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    ");
    assert!(!project.root().join("migrations/.replaced").exists());
    assert_snapshot!(squash(&project).text(), @"
    exit 0
    --- stdout
    carried over migrations/20260103000000_plan/up.sql:2: INSERT
    wrote migrations/20260103000000_squashed/up.sql
    wrote migrations/20260103000000_squashed/down.sql
    wrote migrations/20260103000000_squashed/pgkeel.toml
    moved 3 migrations into migrations/.replaced/20260103000000_squashed
    proved: applied, undone and applied again; the same schema and the same rows as those that it replaces
    next: commit both folders; the next deploy or migrate of each database records it
    where an application runs its embedded migrations itself, no older build of it may start after that: the old ones would be pending for it
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    the 3 migrations that are replaced: in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    the squashed migration: in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    ");
    let read = |file: &str| std::fs::read_to_string(project.root().join("migrations").join(file)).unwrap();
    assert_snapshot!(read(&format!("{SQUASHED}/up.sql")), @"
    -- Stands for 3 migrations, the last of them 20260103000000_plan: see pgkeel.toml.

    CREATE TABLE public.plan (
        name text NOT NULL,
        CONSTRAINT plan_pkey PRIMARY KEY (name)
    );

    CREATE TABLE public.users (
        id integer NOT NULL,
        email text DEFAULT ''::text NOT NULL,
        CONSTRAINT users_pkey PRIMARY KEY (id)
    );

    -- Carried over as they were: no catalog shows what these did.

    -- From 20260103000000_plan:
    INSERT INTO plan VALUES ('free'), ('paid');
    ");
    assert_snapshot!(read(&format!("{SQUASHED}/down.sql")), @"
    -- Loses:
    --   the rows of public.plan
    --   the rows of public.users

    -- data-loss: the rows of public.plan
    DROP TABLE public.plan;

    -- data-loss: the rows of public.users
    DROP TABLE public.users;
    ");
    assert_snapshot!(read(&format!("{SQUASHED}/pgkeel.toml")), @r#"
    # What this migration stands for. A database that has all of these is marked, one that has some runs the
    # rest from `.replaced` beside it, one that has none runs this migration alone.
    replaces = [
      "20260101000000",
      "20260102000000",
      "20260103000000",
    ]
    "#);
    for (name, up, _) in [USERS, EMAIL, PLAN] {
        assert_eq!(read(&format!(".replaced/{SQUASHED}/{name}/up.sql")), up);
        assert!(!project.root().join("migrations").join(name).exists());
    }
}

#[test]
fn a_database_with_none_of_the_old_ones_runs_the_squashed_one_alone() {
    let project = project();
    squash(&project);
    project.run(&["validate"]).exits(0);
    assert_snapshot!(project.run(&["deploy"]).text(), @"
    exit 0
    --- stdout
    applied 20260103000000_squashed  N ms
    applied 20260104000000_later  N ms
    DB: applied 2 migrations
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    is_whole(&project);
    let asked = project.run(&["rollback", "--steps", "2"]);
    assert!(asked.exits(3).stderr.contains("stands for 3 migrations, all of which go"), "{}", asked.text());
    project.run(&["rollback", "--yes", "--steps", "2"]).exits(0);
    assert_eq!(project.number("SELECT count(*) FROM pg_class WHERE relname IN ('users', 'plan')"), 0);
    project.run(&["deploy"]).exits(0);
    is_whole(&project);
}

#[test]
fn a_database_with_all_of_the_old_ones_is_marked_and_runs_nothing() {
    let project = project();
    project.run(&["deploy"]).exits(0);
    project.sql("INSERT INTO users (id) VALUES (1)");
    squash(&project);
    project.run(&["drift"]).exits(0);
    assert_snapshot!(project.run(&["status"]).text(), @"
    exit 0
    --- stdout
    DB: 4 applied, 0 pending

       migration  state  applied at (UTC)  took  note
    +  20260101000000_users  applied  TIME  N ms
    +  20260102000000_email  applied  TIME  N ms
    +  20260103000000_plan  applied  TIME  N ms  `20260103000000_squashed` replaces the 3 migrations up to here: the next deploy or migrate records that, and runs nothing of it
    +  20260104000000_later  applied  TIME  N ms
    drift: none, checked TIME  UTC
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    assert_snapshot!(project.run(&["deploy", "--dry-run"]).text(), @"
    exit 0
    --- stdout
    would record 20260103000000_squashed in the place of those that it replaces, all of which are applied
    DB: nothing to apply
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    assert_snapshot!(project.run(&["deploy"]).text(), @"
    exit 0
    --- stdout
    DB: nothing to apply
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    recorded `20260103000000_squashed` in the place of the 3 migrations that it replaces, all of which are applied; nothing of it was run
    ");
    is_whole(&project);
    assert_eq!(project.number("SELECT count(*) FROM users"), 1);
    assert_eq!(
        project.words("SELECT name FROM pgkeel.migration WHERE version = '20260103000000'"),
        SQUASHED,
        "the record is that of the squashed one"
    );
    assert_snapshot!(project.run(&["status"]).text(), @"
    exit 0
    --- stdout
    DB: up to date, 2 migrations
    drift: none, checked TIME  UTC
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    let operations = project.number("SELECT count(*) FROM pgkeel.operation");
    project.run(&["deploy"]).exits(0);
    assert_eq!(project.number("SELECT count(*) FROM pgkeel.operation"), operations, "and never again");
    // No run has applied it, so there is none to be undone: what it stands for is not dropped by accident.
    project.run(&["rollback", "--yes", "--last-deploy"]).exits(0);
    assert_eq!(ledgers(&project).0, "20260103000000");
    assert_snapshot!(project.run(&["rollback", "--yes", "--last-deploy"]).text(), @"
    exit 0
    --- stdout
    DB: nothing to undo
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    the last run was a rollback already; what was deployed before it stays (`--steps`, `--to`)
    ");
}

#[test]
fn a_database_with_some_of_the_old_ones_runs_the_rest_of_them_and_is_marked() {
    let project = project();
    project.run(&["deploy", "--to", "20260101000000"]).exits(0);
    project.sql("INSERT INTO users (id) VALUES (1)");
    squash(&project);
    assert_snapshot!(project.run(&["status"]).text(), @"
    exit 4
    --- stdout
    DB: 1 applied, 3 pending

       migration  state  applied at (UTC)  took  note
    +  20260101000000_users  applied  TIME  N ms
    .  20260102000000_email  pending
    .  20260103000000_plan  pending  `20260103000000_squashed` takes the place of the 3 migrations up to here once all of them are applied
    .  20260104000000_later  pending
    drift: never checked (`pgkeel drift`)

    next: `pgkeel deploy`, or `pgkeel migrate` on your own database
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    assert_snapshot!(project.run(&["deploy"]).text(), @"
    exit 0
    --- stdout
    applied 20260102000000_email  N ms
    applied 20260103000000_plan  N ms
    applied 20260104000000_later  N ms
    DB: applied 3 migrations
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    recorded `20260103000000_squashed` in the place of the 3 migrations that it replaces, all of which are applied; nothing of it was run
    ");
    is_whole(&project);
    assert_eq!(project.number("SELECT count(*) FROM users"), 1);
}

#[test]
fn until_it_is_marked_a_database_is_rolled_back_by_the_old_ones() {
    let project = project();
    project.run(&["deploy"]).exits(0);
    squash(&project);
    project.run(&["rollback", "--yes", "--steps", "2"]).exits(0);
    assert_eq!(ledgers(&project).0, "20260101000000 20260102000000");
    project.run(&["migrate"]).exits(0);
    is_whole(&project);
}

#[test]
fn a_database_that_lacks_a_part_needs_the_old_folders_and_one_that_has_all_does_not() {
    let project = project();
    project.run(&["deploy", "--to", "20260101000000"]).exits(0);
    squash(&project);
    project.remove("migrations/.replaced");
    assert_snapshot!(project.run(&["deploy"]).text(), @"
    exit 5
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: the history of migrations is in trouble, and nothing was run
      20260101000000_users: missing (its folder is gone; its down.sql is stored in the database)
    and the migrations folder must be mended
      migrations/20260103000000_squashed: this database has some of the migrations that it replaces, but not all, and their folders are gone
        bring `.replaced/20260103000000_squashed` back, from the version control
    next: missing: bring the folder back (another branch?); `--allow-missing` goes on this once
    next: mend the folder and run the command again
    ");
    assert_eq!(ledgers(&project).0, "20260101000000");

    let whole = self::project();
    whole.run(&["deploy"]).exits(0);
    squash(&whole);
    whole.remove("migrations/.replaced");
    whole.run(&["status"]).exits(0);
    assert_snapshot!(whole.run(&["rollback", "--yes", "--steps", "2"]).text(), @"
    exit 1
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: the ledger still has the migrations that `20260103000000_squashed` replaces; nothing was undone
    next: `pgkeel deploy` records it in their place, and runs nothing of it; or bring `.replaced` back, to undo them one by one
    ");
    whole.run(&["deploy"]).exits(0);
    is_whole(&whole);
}

#[test]
fn what_is_not_as_it_was_applied_is_not_squashed_nor_marked() {
    let project = project();
    project.run(&["deploy"]).exits(0);
    let edited = "CREATE TABLE users (id bigint PRIMARY KEY, nick text);\n";
    project.file("migrations/20260101000000_users/up.sql", edited);
    assert_snapshot!(project.run(&["migrate", "squash", "--through", "plan"]).text(), @"
    exit 5
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: the history of migrations is in trouble, and nothing was run
      20260101000000_users: edited (up.sql is 9bf7c2f69d60 now, d142b7a34677 was applied)
    next: edited: bring up.sql back as it was applied, or `pgkeel resolve --accept-edit VERSION`; `--allow-edited` goes on this once
    ");
    project.file("migrations/20260101000000_users/up.sql", USERS.1);
    squash(&project);
    project.file(&format!("migrations/.replaced/{SQUASHED}/20260101000000_users/up.sql"), edited);
    project.run(&["status"]).exits(5);
    project.run(&["deploy"]).exits(5);
    assert_eq!(ledgers(&project).0.split(' ').count(), 4);
    project.run(&["deploy", "--allow-edited"]).exits(0);
    assert_eq!(ledgers(&project).0.split(' ').count(), 4, "what was allowed once is not swept away for ever");
}

#[test]
fn a_squash_of_squashes_serves_databases_of_every_age() {
    for (age, marked) in [("20260101000000", false), ("20260104000000", false), ("20260104000000", true)] {
        let project = project();
        project.run(&["deploy", "--to", age]).exits(0);
        project.run(&["migrate", "squash", "--through", "email", "--name", "first"]).exits(0);
        if marked {
            project.run(&["deploy"]).exits(0);
            assert_eq!(ledgers(&project).0, "20260102000000 20260103000000 20260104000000");
        }
        squash(&project);
        assert!(
            project
                .root()
                .join("migrations/.replaced/20260103000000_squashed/.replaced/20260102000000_first/20260101000000_users")
                .exists()
        );
        project.run(&["deploy"]).exits(0);
        is_whole(&project);
    }
}

#[test]
fn usage_is_told_before_anything_is_made() {
    let project = project();
    for (arguments, says) in [
        (vec!["--through", "users"], "is the first migration"),
        (vec!["--through", "phone"], "there is no migration `phone`"),
        (vec!["--through", "plan", "--name", "plan"], "is the name of one that is replaced"),
        (vec!["--through", "plan", "--name=--"], "has no letter or digit"),
        (vec![], "--through <MIGRATION>|--finish"),
    ] {
        let ran = project.run(&[&["migrate", "squash"][..], &arguments].concat());
        assert!(ran.exits(2).text().contains(says), "{}", ran.text());
    }
    assert!(!project.root().join("migrations/.replaced").exists());
}

#[test]
fn rows_that_no_statement_can_make_again_are_told_before_anything_is_written() {
    let project = project();
    project.migration(
        "20260102500000_archive",
        "CREATE TABLE archive AS SELECT 1 AS id;\n",
        "DROP TABLE archive;\n",
    );
    assert_snapshot!(project.run(&["migrate", "squash", "--through", "plan"]).text(), @"
    exit 3
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    the 4 migrations that are replaced: in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    the squashed migration: in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    error: refused: it leaves other rows than those that it replaces: public.archive has 0 rows, and 1 row before; nothing was written
    next: squash through an earlier migration, or write a migration that makes these rows; `--drop-data-statements` goes on without them
    ");
    let ran = project.run(&["migrate", "squash", "--through", "plan", "--drop-data-statements"]);
    assert_snapshot!(ran.text(), @"
    exit 0
    --- stdout
    left out migrations/20260103000000_plan/up.sql:2: INSERT: as `--drop-data-statements` says
    wrote migrations/20260103000000_squashed/up.sql
    wrote migrations/20260103000000_squashed/down.sql
    wrote migrations/20260103000000_squashed/pgkeel.toml
    moved 4 migrations into migrations/.replaced/20260103000000_squashed
    proved: applied, undone and applied again; the same schema as those that it replaces
    next: commit both folders; the next deploy or migrate of each database records it
    where an application runs its embedded migrations itself, no older build of it may start after that: the old ones would be pending for it
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    the 4 migrations that are replaced: in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    the squashed migration: in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    warning: in a new database, public.archive has 0 rows, and 1 row before
    warning: in a new database, public.plan has 0 rows, and 2 rows before
    ");
}

#[test]
fn statements_that_do_not_fit_the_last_schema_are_told() {
    let project = project();
    project.migration(
        "20260101500000_nicks",
        "INSERT INTO users (id, nick) VALUES (1, 'a');\n",
        "DELETE FROM users;\n",
    );
    assert_snapshot!(project.run(&["migrate", "squash", "--through", "plan"]).text(), @r#"
    exit 3
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    the 4 migrations that are replaced: in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    the squashed migration: in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    error: refused: it leaves other rows than those that it replaces: public.users has 0 rows, and 1 row before; nothing was written
    these do not run on the last schema:
      migrations/20260101500000_nicks/up.sql:1: INSERT: column "nick" of relation "users" does not exist
    next: squash through an earlier migration, or write a migration that makes these rows; `--drop-data-statements` goes on without them
    "#);
    assert!(!project.root().join("migrations/.replaced").exists());
}

#[test]
fn a_squash_that_was_stopped_is_finished() {
    let project = project();
    squash(&project);
    std::fs::rename(
        project.root().join(format!("migrations/.replaced/{SQUASHED}/20260103000000_plan")),
        project.root().join("migrations/20260103000000_plan"),
    )
    .unwrap();
    assert_snapshot!(project.run(&["status"]).text(), @"
    exit 4
    --- stdout
    DB: 0 applied, 2 pending

       migration  state  applied at (UTC)  took  note
    .  20260103000000_squashed  pending
    .  20260104000000_later  pending
    note: migrations/20260103000000_plan: `20260103000000_squashed` replaces it, and it is still here: a squash was stopped; `pgkeel migrate squash --finish` moves it; diesel_cli cannot work until then

    next: `pgkeel deploy`, or `pgkeel migrate` on your own database
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    assert_snapshot!(project.run(&["migrate", "squash", "--finish"]).text(), @"
    exit 0
    --- stdout
    migrations: all replaced migrations are where they belong
    --- stderr
    moved 1 migration that a squash which was stopped had left
    ");
    project.run(&["deploy"]).exits(0);
    is_whole(&project);
}

#[test]
fn rows_that_stand_together_otherwise_are_other_rows() {
    let project = Project::with_migrations(&[
        ("20260101000000_edge", "CREATE TABLE edge (a int, b int);", "DROP TABLE edge;"),
        (
            "20260102000000_rows",
            "INSERT INTO edge (a, b) VALUES (1, 2), (2, 3), (3, 1);",
            "DELETE FROM edge;",
        ),
        (
            "20260103000000_swap",
            "ALTER TABLE edge RENAME a TO c; ALTER TABLE edge RENAME b TO a; ALTER TABLE edge RENAME c TO b;",
            "SELECT 1;",
        ),
    ]);
    let ran = project.run(&["migrate", "squash", "--through", "20260103000000"]);
    assert!(ran.exits(3).stderr.contains("public.edge has other rows of the same values"), "{}", ran.text());
}

#[test]
fn sequences_stand_where_they_stood_and_materialized_views_are_filled() {
    let project = Project::with_migrations(&[
        ("20260101000000_a", "CREATE TABLE a (id int); CREATE SEQUENCE s;", "DROP TABLE a; DROP SEQUENCE s;"),
        (
            "20260102000000_b",
            "INSERT INTO a VALUES (1), (2); ALTER SEQUENCE s RESTART WITH 5000; CREATE MATERIALIZED VIEW m AS SELECT * FROM a;",
            "DROP MATERIALIZED VIEW m;",
        ),
    ]);
    project.run(&["migrate", "squash", "--through", "20260102000000"]).exits(0);
    project.run(&["deploy"]).exits(0);
    assert_eq!(project.number("SELECT count(*) FROM m"), 2);
    assert_eq!(project.number("SELECT nextval('s')"), 5000);
}
