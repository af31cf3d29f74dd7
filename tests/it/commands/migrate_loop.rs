//! `migrate`, from an edited schema.sql to a migration: written, proved, applied; and what it asks and refuses.

use insta::assert_snapshot;

use crate::support::project::{Project, Ran};
use crate::support::terminal::Terminal;

const USERS: &str = "CREATE TABLE users (id bigint PRIMARY KEY, name text);\n";

/// A project whose schema.sql is applied by a migration.
fn project() -> Project {
    let project = Project::new();
    project.file("schema.sql", USERS);
    project.run(&["migrate", "--name", "init"]).exits(0);
    project
}

fn migrations(project: &Project) -> Vec<String> {
    let entries = std::fs::read_dir(project.root().join("migrations")).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| !name.starts_with('.'));
    names.sort();
    names
}

/// A file of the newest migration.
fn newest(project: &Project, file: &str) -> String {
    let name = migrations(project).pop().unwrap();
    std::fs::read_to_string(project.root().join("migrations").join(name).join(file)).unwrap()
}

fn on_terminal(project: &Project, words: &[&str]) -> Terminal {
    Terminal::start(project.command(words))
}

/// There is nothing left to do, and nothing in the database that no migration makes.
#[track_caller]
fn is_home(project: &Project) {
    let json = project.run(&["migrate", "--json"]).exits(0).json();
    for field in ["applied", "migrations", "drift"] {
        assert_eq!(json[field].as_array().map(Vec::len), Some(0), "{field}: {json}");
    }
}

#[test]
fn what_the_desired_state_has_more_is_written_proved_and_applied() {
    let project = project();
    project.file("schema.sql", "CREATE TABLE users (id bigint PRIMARY KEY, name text, phone text);\n");
    assert_snapshot!(project.run(&["migrate", "--name", "Add phone"]).text(), @"
    exit 0
    --- stdout
    wrote migrations/20260102030406_add_phone/up.sql
    wrote migrations/20260102030406_add_phone/down.sql
    applied 20260102030406_add_phone  N ms
    DB: applied 1 migration
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    migrations (1): in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    schema.sql: in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    -- add_phone/up.sql
    ALTER TABLE public.users ADD COLUMN phone text;

    -- add_phone/down.sql
    -- Loses:
    --   the values of public.users.phone

    -- data-loss: the values of public.users.phone
    ALTER TABLE public.users DROP COLUMN phone;
    proved in a shadow database: up, down, up again; 2 rows in 1 table survived
    ");
    assert_snapshot!(newest(&project, "up.sql"), @"ALTER TABLE public.users ADD COLUMN phone text;");
    assert_snapshot!(newest(&project, "down.sql"), @"
    -- Loses:
    --   the values of public.users.phone

    -- data-loss: the values of public.users.phone
    ALTER TABLE public.users DROP COLUMN phone;
    ");
    is_home(&project);
    project.run(&["rollback", "--yes"]).exits(0);
    assert_eq!(project.number("SELECT count(*) FROM pg_attribute WHERE attname = 'phone'"), 0);
    project.run(&["deploy"]).exits(0);
    is_home(&project);
}

#[test]
fn without_a_name_and_without_a_terminal_it_is_refused_and_a_name_is_proposed() {
    let project = project();
    project.file("schema.sql", "CREATE TABLE users (id bigint PRIMARY KEY, name text, phone text);\n");
    assert_snapshot!(project.run(&["migrate"]).text(), @"
    exit 3
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    migrations (1): in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    schema.sql: in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    error: refused: the migrations do not make what schema.sql says, and the migration between them needs a name
    next: name it: `--name add_phone_to_users`
    ");
    assert_eq!(migrations(&project).len(), 1);
}

#[test]
fn a_value_of_an_enum_and_its_use_are_two_migrations() {
    let project = Project::new();
    project.file(
        "schema.sql",
        "CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE t (id int, m mood DEFAULT 'sad');",
    );
    project.run(&["migrate", "--name", "init"]).exits(0);
    project.sql("INSERT INTO t VALUES (1)");
    project.file(
        "schema.sql",
        "CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE t (id int, m mood DEFAULT 'ok');",
    );
    project.run(&["migrate", "--name", "mood"]).exits(0);
    assert_eq!(migrations(&project)[1..], ["20260102030406_mood", "20260102030407_mood_2"]);
    is_home(&project);
    project.run(&["rollback", "--steps", "2", "--yes"]).exits(0);
    assert_eq!(project.words("SELECT enum_range(NULL::mood)::text || (SELECT m FROM t)"), "{sad}sad");
    project.run(&["deploy"]).exits(0);
    is_home(&project);
}

#[test]
fn the_way_back_from_a_removed_value_is_one_transaction() {
    let project = Project::new();
    project.file(
        "schema.sql",
        "CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE t (id int, m mood DEFAULT 'ok');",
    );
    project.run(&["migrate", "--name", "init"]).exits(0);
    project.sql("INSERT INTO t VALUES (1, 'sad')");
    project.file(
        "schema.sql",
        "CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE t (id int, m mood DEFAULT 'sad');",
    );
    project.run(&["migrate", "--name", "less", "--yes"]).exits(0);
    assert!(!project.root().join("migrations/20260102030406_less/metadata.toml").exists());
    project.run(&["rollback", "--yes"]).exits(0);
    assert_eq!(project.words("SELECT enum_range(NULL::mood)::text || (SELECT m FROM t)"), "{sad,ok}sad");
}

#[test]
fn what_may_be_a_rename_is_refused_until_somebody_says_what_it_is() {
    let project = project();
    project.sql("INSERT INTO users VALUES (1, 'Ann')");
    project.file("schema.sql", "CREATE TABLE users (id bigint PRIMARY KEY, full_name text);\n");
    assert_snapshot!(project.run(&["migrate", "--name", "full_name"]).text(), @"
    exit 3
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    migrations (1): in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    schema.sql: in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    error: refused: nobody has said whether these are renamed, or dropped with their data
      column public.users.name goes and column public.users.full_name comes: `--rename 'column public.users.name=full_name'`
    next: say `--rename` for each that keeps its data, and `--no-rename` for the rest
    ");
    let rename = ["migrate", "--name", "full_name", "--rename", "users.name=full_name"];
    project.run(&rename).exits(0);
    assert_eq!(newest(&project, "up.sql"), "ALTER TABLE public.users RENAME COLUMN name TO full_name;\n");
    assert_eq!(newest(&project, "down.sql"), "ALTER TABLE public.users RENAME COLUMN full_name TO name;\n");
    assert_eq!(project.words("SELECT full_name FROM users"), "Ann");
    is_home(&project);
}

#[test]
fn data_goes_only_where_that_is_agreed_to() {
    let project = project();
    project.sql("INSERT INTO users VALUES (1, 'Ann'), (2, 'Bob')");
    project.file("schema.sql", "CREATE TABLE users (id bigint PRIMARY KEY, full_name text);\n");
    let words = ["migrate", "--name", "x", "--no-rename"];
    assert_snapshot!(project.run(&words).text(), @"
    exit 3
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    migrations (1): in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    schema.sql: in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    -- x/up.sql
    ALTER TABLE public.users ADD COLUMN full_name text;

    -- data-loss: the values of public.users.name
    ALTER TABLE public.users DROP COLUMN name;

    -- x/down.sql
    -- Cannot be brought back:
    --   the values of public.users.name
    -- Loses:
    --   the values of public.users.full_name

    ALTER TABLE public.users ADD COLUMN name text;

    -- data-loss: the values of public.users.full_name
    ALTER TABLE public.users DROP COLUMN full_name;
    proved in a shadow database: up, down, up again; 2 rows in 1 table survived
    this loses data of your database
      the values of public.users.name (2 rows); if it is the same under a new name, say `--rename 'column public.users.name=full_name'`
    error: refused: nobody can be asked: this is no terminal
    next: give `--yes` if it is meant
    ");
    assert_eq!(migrations(&project).len(), 1);
    project.run(&[&words[..], &["--yes"]].concat()).exits(0);
    assert_eq!(project.words("SELECT string_agg(coalesce(full_name, '-'), '') FROM users"), "--");
}

#[test]
fn rows_that_are_there_need_a_value_for_a_new_column_that_takes_no_null() {
    let project = project();
    project
        .file("schema.sql", "CREATE TABLE users (id bigint PRIMARY KEY, name text, mail text NOT NULL);\n");
    project.sql("INSERT INTO users VALUES (1, 'Ann')");
    assert_snapshot!(project.run(&["migrate", "--name", "mail"]).text(), @"
    exit 3
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    migrations (1): in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    schema.sql: in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    error: refused: this would fail with the rows of your database
      fails if public.users has rows: mail has no value for them; and there are such rows now
    next: say what these rows get: `--fill 'public.users.mail=EXPRESSION'`; or `--create-only`, and edit it
    ");
    let wrong = project.run(&["migrate", "--name", "mail", "--fill", "users.e_mail=''"]);
    assert_snapshot!(wrong.text(), @"
    exit 2
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: --fill: the desired state has no column `users.e_mail`
    next: write it as `--fill 'table.column=expression'`
    ");
    project.run(&["migrate", "--name", "mail", "--fill", "users.mail=lower(name) || '@x.org'"]).exits(0);
    assert_snapshot!(newest(&project, "up.sql"), @"
    ALTER TABLE public.users ADD COLUMN mail text;

    -- rewrite: every row of public.users is written anew
    UPDATE public.users SET mail = lower(name) || '@x.org';

    -- scan: every row of public.users is read while writers wait
    -- will-fail: fails if lower(name) || '@x.org' is NULL for a row
    ALTER TABLE public.users ALTER COLUMN mail SET NOT NULL;
    ");
    assert_eq!(project.words("SELECT mail FROM users"), "ann@x.org");
    is_home(&project);

    project.file(
        "schema.sql",
        "CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL, mail text NOT NULL, n int NOT NULL);",
    );
    project.sql("INSERT INTO users VALUES (2, NULL, '')");
    let both = ["migrate", "--name", "more", "--fill", "users.name='nobody'", "--fill", "public.users.n=0"];
    project.run(&both).exits(0);
    assert_snapshot!(newest(&project, "up.sql"), @"
    UPDATE public.users SET name = 'nobody' WHERE name IS NULL;

    -- scan: every row of public.users is read while writers wait
    -- will-fail: fails if 'nobody' is NULL for a row
    ALTER TABLE public.users ALTER COLUMN name SET NOT NULL;

    ALTER TABLE public.users ADD COLUMN n integer NOT NULL DEFAULT 0;

    ALTER TABLE public.users ALTER COLUMN n DROP DEFAULT;
    ");
    assert_eq!(project.words("SELECT string_agg(name || n, ' ' ORDER BY id) FROM users"), "Ann0 nobody0");
    is_home(&project);
}

#[test]
fn values_that_do_not_go_over_to_a_new_type_need_an_expression() {
    let project = Project::new();
    project.file("schema.sql", "CREATE TABLE t (id int, age text DEFAULT '0');");
    project.run(&["migrate", "--name", "init"]).exits(0);
    project.sql("INSERT INTO t VALUES (1, '42'), (2, 'unknown')");
    project.file("schema.sql", "CREATE TABLE t (id int, age int DEFAULT 0);");
    assert_snapshot!(project.run(&["migrate", "--name", "age"]).text(), @"
    exit 3
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    migrations (1): in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    schema.sql: in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    error: refused: this would fail with the rows of your database
      fails if public.t.age has values that are no integer; and there are such rows now
    next: say what these rows get: `--using 'public.t.age=EXPRESSION'`; or `--create-only`, and edit it
    ");
    let using = "t.age=CASE WHEN age ~ '^[0-9]+$' THEN age::int END";
    project.run(&["migrate", "--name", "age", "--using", using]).exits(0);
    assert_eq!(project.words("SELECT string_agg(coalesce(age, -1)::text, ' ' ORDER BY id) FROM t"), "42 -1");
    is_home(&project);
}

#[test]
fn what_fails_with_the_rows_that_are_there_is_refused_before_anything_is_written() {
    let project = project();
    project.sql("INSERT INTO users VALUES (1, 'Ann'), (2, 'Ann')");
    project.file("schema.sql", "CREATE TABLE users (id bigint PRIMARY KEY, name text UNIQUE);\n");
    assert_snapshot!(project.run(&["migrate", "--name", "unique_name"]).text(), @"
    exit 3
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    migrations (1): in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    schema.sql: in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    error: refused: this would fail with the rows of your database
      fails if rows of public.users have the same (name); and there are such rows now
    next: change the rows first, or write the migration and edit it: `--create-only`
    ");
    assert_eq!(migrations(&project).len(), 1);
}

#[test]
fn create_only_writes_and_applies_nothing_without_any_question() {
    let project = project();
    project.migration("20260102040000_by_hand", "CREATE TABLE t (id int);", "DROP TABLE t;");
    project.sql("INSERT INTO users VALUES (1, 'Ann')");
    let wanted = "CREATE TABLE users (id bigint PRIMARY KEY, full_name text, n int NOT NULL); CREATE TABLE t (id int);";
    project.file("schema.sql", wanted);
    assert_snapshot!(project.run(&["migrate", "--create-only"]).text(), @"
    exit 0
    --- stdout
    wrote migrations/20260102040001_add_full_name_to_users/up.sql
    wrote migrations/20260102040001_add_full_name_to_users/down.sql
    next: look at it, then `pgkeel migrate` applies it
    --- stderr
    migrations (2): in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    schema.sql: in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    -- add_full_name_to_users/up.sql
    ALTER TABLE public.users ADD COLUMN full_name text;

    -- will-fail: fails if public.users has rows: n has no value for them
    ALTER TABLE public.users ADD COLUMN n integer NOT NULL;

    -- data-loss: the values of public.users.name; if it is the same under a new name, say `--rename 'column public.users.name=full_name'`
    ALTER TABLE public.users DROP COLUMN name;

    -- add_full_name_to_users/down.sql
    -- Cannot be brought back:
    --   the values of public.users.name
    -- Loses:
    --   the values of public.users.full_name
    --   the values of public.users.n

    ALTER TABLE public.users ADD COLUMN name text;

    -- data-loss: the values of public.users.full_name
    ALTER TABLE public.users DROP COLUMN full_name;

    -- data-loss: the values of public.users.n
    ALTER TABLE public.users DROP COLUMN n;
    proved in a shadow database: up, down, up again; 2 rows in 2 tables survived
    ");
    assert_eq!(project.number("SELECT count(*) FROM __diesel_schema_migrations"), 1);
    let again = project.run(&["migrate", "--create-only"]);
    assert_eq!(again.exits(0).stdout, "nothing to write: the migrations make what schema.sql says\n");
}

#[test]
fn a_dry_run_shows_all_of_it_and_leaves_no_trace() {
    let project = project();
    project.file("schema.sql", "CREATE TABLE users (id bigint PRIMARY KEY, name text, phone text);\n");
    assert_snapshot!(project.run(&["migrate", "--name", "phone", "--dry-run"]).text(), @"
    exit 0
    --- stdout
    -- phone/up.sql
    ALTER TABLE public.users ADD COLUMN phone text;
    DB: would write 1 migration and apply 1 migration
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    migrations (1): in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    schema.sql: in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    ");
    assert_eq!(migrations(&project).len(), 1);
}

#[test]
fn without_a_desired_state_the_database_as_edited_by_hand_is_taken() {
    let project =
        Project::with_migrations(&[("20260101000000_a", "CREATE TABLE a (id int);", "DROP TABLE a;")]);
    project.run(&["migrate"]).exits(0);
    project.sql("ALTER TABLE a ADD COLUMN name text; CREATE INDEX a_name ON a (name)");
    let oid = project.number("SELECT 'a_name'::regclass::oid::bigint");
    assert_snapshot!(project.run(&["migrate", "--name", "names"]).text(), @"
    exit 0
    --- stdout
    wrote migrations/20260102030405_names/up.sql
    wrote migrations/20260102030405_names/down.sql
    DB: recorded 1 migration: the changes were there already
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    migrations (1): in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    -- names/up.sql
    ALTER TABLE public.a ADD COLUMN name text;

    CREATE INDEX a_name ON public.a USING btree (name);

    -- names/down.sql
    -- Loses:
    --   the values of public.a.name

    -- data-loss: the values of public.a.name
    ALTER TABLE public.a DROP COLUMN name;
    proved in a shadow database: up, down, up again; 2 rows in 1 table survived
    ");
    assert_eq!(project.number("SELECT 'a_name'::regclass::oid::bigint"), oid, "nothing was run");
    assert_eq!(project.number("SELECT count(*) FROM __diesel_schema_migrations"), 2);
    project.run(&["diff", "migrations", &project.db.url, "--exit-code"]).exits(0);
    project.run(&["status"]).exits(0);
}

#[test]
fn what_the_database_has_already_is_only_recorded() {
    let project = project();
    project.file("schema.sql", "CREATE TABLE users (id bigint PRIMARY KEY, name text, phone text);\n");
    project.sql("ALTER TABLE users ADD COLUMN phone text");
    let ran = project.run(&["migrate", "--name", "phone"]);
    assert!(ran.exits(0).text().contains("DB: recorded 1 migration: the changes were there already"));
    is_home(&project);
}

#[test]
fn a_hand_edit_in_the_way_is_explained_with_ways_out_that_keep_the_data() {
    let project = project();
    project.sql("ALTER TABLE users ADD COLUMN age int");
    project.file("schema.sql", "CREATE TABLE users (id bigint PRIMARY KEY, name text, phone text);\n");
    assert_snapshot!(project.run(&["migrate", "--name", "phone"]).text(), @"
    exit 6
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    migrations (1): in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    schema.sql: in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    error: your database was changed by hand: 1 object in it differs from what the migrations make
      column public.users.age
    next: `pgkeel drift` shows each, with both definitions
    next: to keep them: `pgkeel drift --fix --name phone` takes them into a migration that others get, too
    next: to undo them: `pgkeel drift --sql` prints the SQL
    next: to write the migration all the same: `--create-only`
    ");
    assert_eq!(migrations(&project).len(), 1);
}

#[test]
fn a_hand_edit_elsewhere_is_told_and_left_alone() {
    let project = project();
    project.sql("CREATE TABLE scratch (id int)");
    project.file("schema.sql", "CREATE TABLE users (id bigint PRIMARY KEY, name text, phone text);\n");
    let ran = project.run(&["migrate", "--name", "phone"]);
    ran.exits(0);
    assert!(ran.stderr.contains("warning: your database was changed by hand: 2 objects"), "{}", ran.stderr);
    assert_eq!(project.number("SELECT count(*) FROM pg_class WHERE relname = 'scratch'"), 1);
}

#[test]
fn in_a_protected_place_no_migration_is_made() {
    let project = project();
    project.run(&["env", "set", "production"]).exits(0);
    project.file("schema.sql", "CREATE TABLE users (id bigint PRIMARY KEY, name text, phone text);\n");
    project.run(&["migrate", "--name", "phone"]).exits(3);
    assert_eq!(migrations(&project).len(), 1);
}

#[test]
fn online_forms_become_migrations_without_a_transaction() {
    let project = project();
    project.file("schema.sql", format!("{USERS}CREATE INDEX users_name ON users (name);"));
    project.run(&["migrate", "--name", "index", "--online"]).exits(0);
    assert_eq!(newest(&project, "metadata.toml"), "run_in_transaction = false\n");
    assert_eq!(
        newest(&project, "up.sql"),
        "-- not-transactional: cannot be in a transaction\nCREATE INDEX CONCURRENTLY users_name ON public.users USING btree (name);\n"
    );
    is_home(&project);
    project.run(&["rollback", "--yes"]).exits(0);
    assert_eq!(project.number("SELECT count(*) FROM pg_class WHERE relname = 'users_name'"), 0);
}

#[test]
fn a_desired_state_that_is_not_there_is_named() {
    let project = Project::new();
    project.file("pgkeel.toml", "schema = \"db/schema.sql\"\n");
    assert_snapshot!(project.run(&["migrate"]).text(), @"
    exit 2
    --- stderr
    error: the desired state `ROOT/db/schema.sql` is not there (`schema` in pgkeel.toml)
    next: `pgkeel pull` writes it from the database; `--from SOURCE` names another one
    ");
}

#[test]
fn json_holds_the_migrations_and_how_they_were_proved() {
    let project = project();
    project.file("schema.sql", "CREATE TABLE users (id bigint PRIMARY KEY, name text, phone text);\n");
    let ran: Ran = project.run(&["migrate", "--name", "phone", "--json"]);
    let json = ran.exits(0).json();
    let made = &json["migrations"][0];
    assert_eq!(made["up"], "ALTER TABLE public.users ADD COLUMN phone text;\n");
    assert_eq!(made["files"].as_array().unwrap().len(), 2);
    assert_eq!(json["applied"][0]["version"], made["version"]);
}

#[test]
fn a_developers_day_on_a_terminal() {
    let project = Project::new();
    let terminal = |words: &[&str]| on_terminal(&project, words);
    let schema = |sql: &str| project.file("schema.sql", sql);

    // The first table; the name that is proposed is taken.
    schema("CREATE TABLE users (id bigint PRIMARY KEY, name text);");
    let (shown, code) =
        terminal(&["migrate"]).sees("Name of the new migration [create_users]").types("").ends();
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("+ table public.users") && shown.contains("applied 1 migration"), "{shown}");
    project.sql("INSERT INTO users VALUES (1, 'Ann'), (2, NULL)");

    // A column, with a name of one's own; one that names nothing is asked again.
    schema("CREATE TABLE users (id bigint PRIMARY KEY, name text, phone text);");
    let mut named = terminal(&["migrate"]);
    named.sees("Name of the new migration [add_phone_to_users]").types("!?");
    let (shown, code) = named.sees("Name of the new migration").types("Phone numbers").ends();
    assert_eq!(code, 0, "{shown}");
    assert!(migrations(&project)[1].ends_with("_phone_numbers"));

    // It gets another name; its values stay.
    project.sql("UPDATE users SET phone = '42'");
    schema("CREATE TABLE users (id bigint PRIMARY KEY, name text, telephone text);");
    let mut renamed = terminal(&["migrate", "--name", "telephone"]);
    renamed
        .sees("Is column public.users.telephone the same as column public.users.phone before? [y/N]")
        .types("y");
    assert_eq!(renamed.ends().1, 0);
    assert_eq!(project.words("SELECT min(telephone) FROM users"), "42");

    // A type with two values; then a third one as the default of a column.
    schema(
        "CREATE TYPE role AS ENUM ('guest'); CREATE TABLE users (id bigint PRIMARY KEY, name text, telephone text, r role DEFAULT 'guest');",
    );
    project.run(&["migrate", "--name", "roles"]).exits(0);
    schema(
        "CREATE TYPE role AS ENUM ('guest', 'member'); CREATE TABLE users (id bigint PRIMARY KEY, name text, telephone text, r role DEFAULT 'member');",
    );
    let (shown, code) = terminal(&["migrate", "--name", "members"]).ends();
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("2 migrations, because something must be committed before it is used"), "{shown}");

    // NOT NULL, where a row has none.
    schema(
        "CREATE TYPE role AS ENUM ('guest', 'member'); CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL, telephone text, r role DEFAULT 'member');",
    );
    let mut asked = terminal(&["migrate", "--name", "names"]);
    asked.sees("public.users.name: its value in the rows that are there, as SQL").types("'user ' || id");
    assert_eq!(asked.ends().1, 0);
    assert_eq!(project.words("SELECT string_agg(name, ', ' ORDER BY id) FROM users"), "Ann, user 2");

    // A table with rows goes only after a yes.
    schema("");
    let gone = |answer: &str| {
        let mut dropped = terminal(&["migrate", "--name", "gone"]);
        dropped.sees("this loses data of your database").sees("the rows of public.users (2 rows)");
        dropped.sees("Go on? [y/N]").types(answer).ends()
    };
    let (shown, code) = gone("n");
    assert_eq!(code, 130, "{shown}");
    assert_eq!(project.number("SELECT count(*) FROM users"), 2);
    let before = migrations(&project).len();
    assert_eq!(gone("y").1, 0);
    assert_eq!(migrations(&project).len(), before + 1);
    is_home(&project);

    // All of it back, and forth again.
    let all = (before + 1).to_string();
    project.run(&["rollback", "--steps", &all, "--yes"]).exits(0);
    project.run(&["deploy"]).exits(0);
    is_home(&project);
}

#[test]
fn a_developers_branches_on_a_terminal() {
    let mut project = project();

    // On a branch a column comes; then the branch is left, and its folder with it.
    project.file("schema.sql", "CREATE TABLE users (id bigint PRIMARY KEY, name text, phone text);\n");
    project.run(&["migrate", "--name", "phone"]).exits(0);
    let phone = migrations(&project).pop().unwrap();
    let folder = project.root().join("migrations").join(&phone);
    let aside = project.root().join("other-branch");
    std::fs::rename(&folder, &aside).unwrap();
    project.file("schema.sql", USERS);
    let missing = project.run(&["migrate"]);
    missing.exits(5);
    assert!(missing.stderr.contains(&phone), "{}", missing.text());
    let mut undone = on_terminal(&project, &["rollback"]);
    undone.sees("loses data: ALTER TABLE public.users DROP COLUMN phone").sees("Go on? [y/N]").types("y");
    let (shown, code) = undone.ends();
    assert_eq!(code, 0, "{shown}");
    is_home(&project);

    // Here something else comes; then the branch is merged, and is older than what is applied.
    project.file("schema.sql", "CREATE TABLE users (id bigint PRIMARY KEY, name text, mail text);\n");
    project.set("PGKEEL_NOW", "2026-01-03T00:00:00Z");
    project.run(&["migrate", "--name", "mail"]).exits(0);
    std::fs::rename(&aside, &folder).unwrap();
    let both = "CREATE TABLE users (id bigint PRIMARY KEY, name text, mail text, phone text);\n";
    project.file("schema.sql", both);
    let refused = project.run(&["migrate"]);
    refused.exits(5);
    assert!(refused.stderr.contains("pgkeel migrate rebase"), "{}", refused.text());
    project.run(&["migrate", "rebase", "--all"]).exits(0);
    let (shown, code) = on_terminal(&project, &["migrate"]).ends();
    assert_eq!(code, 0, "{shown}");
    is_home(&project);

    // Something is tried out by hand, and taken home.
    project.sql("CREATE INDEX users_mail ON users (mail)");
    project.file("schema.sql", format!("{both}CREATE INDEX users_mail ON users (mail DESC);\n"));
    let told = project.run(&["migrate", "--name", "mail_index"]);
    told.exits(6);
    assert!(told.stderr.contains("pgkeel drift --fix --name mail_index"), "{}", told.text());
    project.file("schema.sql", format!("{both}CREATE INDEX users_mail ON users (mail);\n"));
    let (shown, code) = on_terminal(&project, &["drift", "--fix", "--name", "mail_index"]).ends();
    assert_eq!(code, 0, "{shown}");
    project.run(&["drift"]).exits(0);
    is_home(&project);
}

#[test]
fn what_diesel_toml_asks_for_is_written_at_the_end() {
    let project = Project::new();
    project.file("schema.sql", USERS).file("diesel.toml", "[print_schema]\nfile = \"src/schema.rs\"\n");
    let ran = project.run(&["migrate", "--name", "init", "--skip-generate"]);
    assert!(!ran.exits(0).stdout.contains("schema.rs"), "{}", ran.text());
    let ran = project.run(&["migrate"]);
    assert!(ran.exits(0).stdout.starts_with("wrote src/schema.rs\n"), "{}", ran.text());
    let text = std::fs::read_to_string(project.root().join("src/schema.rs")).unwrap();
    assert!(text.contains("users (id)"), "{text}");
    assert!(!project.run(&["migrate"]).exits(0).stdout.contains("schema.rs"));

    // What cannot be written is told after what was done.
    project.file("src/schema.rs", "// mine\n");
    let ran = project.run(&["migrate"]);
    ran.exits(3);
    assert!(ran.stderr.contains("everything is applied, and what is generated"), "{}", ran.text());
}
