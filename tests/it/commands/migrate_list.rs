//! `migrate list` and `migrate show`: what the files say, what the database says, and where they differ.

use insta::assert_snapshot;

use crate::support::project::Project;

fn project() -> Project {
    let project = Project::with_migrations(&[
        ("20260101000000_users", "CREATE TABLE users (id int);\n", "DROP TABLE users;\n"),
        ("20260102000000_email", "ALTER TABLE users ADD email text;\n", "ALTER TABLE users DROP email;\n"),
        (
            "20260103000000_index",
            "CREATE INDEX CONCURRENTLY users_email ON users (email);\n",
            "DROP INDEX users_email;\n",
        ),
    ]);
    project
        .file("pgkeel.toml", "")
        .file("migrations/20260103000000_index/metadata.toml", "run_in_transaction = false\n");
    project.remove("migrations/20260102000000_email/down.sql");
    project
}

#[test]
fn all_migrations_are_listed_with_state_and_hazards() {
    let project = project();
    project.run(&["deploy", "--to", "20260102000000"]).exits(0);
    assert_snapshot!(project.run(&["migrate", "list"]).text(), @"
    exit 0
    --- stdout
    migrations: 3 migrations, as DB has them

       migration  state  transaction  down  size  hazards  note
    +  20260101000000_users  applied  one  yes  29 B
    +  20260102000000_email  applied  one  no  34 B  locks tables
    .  20260103000000_index  pending  none  yes  56 B  CONCURRENTLY
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    let json = project.run(&["migrate", "list", "--json"]).exits(0).json();
    assert_eq!(json["migrations"][1]["hasDown"], false);
    assert_eq!(json["migrations"][2]["hazards"][0], "concurrently");
    assert_eq!(json["migrations"][2]["state"], "pending");
    project.remove("migrations/20260101000000_users");
    assert_snapshot!(project.run(&["migrate", "list"]).text(), @"
    exit 0
    --- stdout
    migrations: 3 migrations, as DB has them

       migration  state  transaction  down  size  hazards  note
    x  20260101000000_users  missing  its folder is gone; its down.sql is stored in the database
    +  20260102000000_email  applied  one  no  34 B  locks tables
    .  20260103000000_index  pending  none  yes  56 B  CONCURRENTLY
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
}

#[test]
fn without_a_database_the_folder_is_listed() {
    let project = project().url("postgres://nobody@127.0.0.1:1/none");
    assert_snapshot!(project.run(&["migrate", "list"]).text(), @"
    exit 0
    --- stdout
    migrations: 3 migrations

       migration  state  transaction  down  size  hazards  note
       20260101000000_users         one          yes   29 B
       20260102000000_email         one          no    34 B  locks tables
       20260103000000_index         none         yes   56 B  CONCURRENTLY
    --- stderr
    tried postgres://nobody@127.0.0.1:1/none (`DATABASE_URL` in the environment)
    without a database, what is applied is not known: cannot connect to postgres://nobody@127.0.0.1:1/none: nothing listens on 127.0.0.1:1
    ");
    let empty = Project::new();
    empty.file("pgkeel.toml", "");
    assert_snapshot!(empty.run(&["migrate", "list"]).text(), @"
    exit 0
    --- stdout
    migrations: there are no migrations
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
}

#[test]
fn a_folder_that_must_be_mended_is_told() {
    let project = project();
    project.migration("20260101000000_again", "SELECT 1;", "SELECT 1;");
    project.file("migrations/20260102000000_email/pgkeel.toml", "# what\nreplace = []\n");
    assert_snapshot!(project.run(&["migrate", "list"]).text(), @r#"
    exit 2
    --- stdout
    migrations: 3 migrations, as DB has them

       migration  state  transaction  down  size  hazards  note
    .  20260101000000_again  pending  one  yes  9 B
    .  20260102000000_email  pending  one  no  34 B  locks tables
    .  20260103000000_index  pending  none  yes  56 B  CONCURRENTLY
    must be mended: migrations/20260102000000_email/pgkeel.toml:2: the key `replace` is not known; a migration's pgkeel.toml holds `replaces = ["VERSION", …]` only, which `pgkeel migrate squash` writes
    must be mended: migrations/20260101000000_users: the version `20260101000000` is also that of `20260101000000_again`, and Diesel would record only one of them; give one of the two folders another version
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    "#);
    project.run(&["deploy"]).exits(2);
}

#[test]
fn a_migration_is_shown_with_who_applied_it() {
    let project = project();
    project.run(&["deploy"]).exits(0);
    let shown = project.run(&["migrate", "show", "email"]);
    let (_, after) = shown.text().split_once("  by ").unwrap();
    let by = after.lines().next().unwrap().trim();
    assert!(by.starts_with("`deploy` (operation 1), ") && by.ends_with(", as role `dev`"), "{by}");
    assert_snapshot!(shown.text().replace(by, "WHO"), @"
    exit 0
    --- stdout
    20260102000000_email
      state       applied since TIME  UTC, in N ms
      by          WHO
      up.sql      as it was applied
      runs        in one transaction
      hazards     locks tables
      migrations/20260102000000_email/down.sql: there is no down.sql, so this migration cannot be rolled back; write it while you still know how

    -- migrations/20260102000000_email/up.sql
    ALTER TABLE users ADD email text;

    -- there is no down.sql
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    let json = project.run(&["migrate", "show", "20260101", "--json"]).exits(0).json();
    assert_eq!(json["up"]["sql"], "CREATE TABLE users (id int);");
    assert_eq!(json["appliedBy"]["command"], "deploy");
}

#[test]
fn an_edited_migration_is_shown_with_what_was_edited() {
    let project = project();
    project.run(&["deploy"]).exits(0);
    project.file("migrations/20260101000000_users/up.sql", "CREATE TABLE users (\n  id bigint\n);\n");
    let shown = project.run(&["migrate", "show", "20260101000000"]);
    let (_, after) = shown.text().split_once("-- migrations").unwrap();
    assert_snapshot!(after, @"
    /20260101000000_users/up.sql
    CREATE TABLE users (
      id bigint
    );

    -- migrations/20260101000000_users/down.sql
    DROP TABLE users;

    edited since it was applied:
    --- up.sql as it was applied
    +++ up.sql as it is
    @@ -1 +1,3 @@
    -CREATE TABLE users (id int);
    +CREATE TABLE users (
    +  id bigint
    +);
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
}

#[test]
fn where_the_folder_is_gone_the_stored_sql_is_shown() {
    let project = project();
    project.run(&["deploy"]).exits(0);
    project.remove("migrations/20260101000000_users");
    let shown = project.run(&["migrate", "show", "users"]);
    let (_, after) = shown.text().split_once("  runs").unwrap();
    assert_snapshot!(after, @"
            in one transaction

    -- 20260101000000_users/up.sql, as stored in the database
    CREATE TABLE users (id int);

    -- 20260101000000_users/down.sql, as stored in the database
    DROP TABLE users;
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
}

#[test]
fn what_may_mean_several_is_not_guessed() {
    let project = project();
    project.run(&["deploy"]).exits(0);
    assert_snapshot!(project.run(&["migrate", "show", "2026"]).text(), @"
    exit 2
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: `2026` may mean `20260101000000_users`, `20260102000000_email`, `20260103000000_index`
    next: give more of the name, or the version
    ");
    assert_snapshot!(project.run(&["migrate", "show", "phone"]).text(), @"
    exit 2
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: there is no migration `phone`
    next: `pgkeel migrate list` shows all
    ");
}
