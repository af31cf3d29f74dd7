//! Names that break naive SQL: schemas, tables, folders, databases with quotes, blanks and unicode.

use insta::assert_snapshot;

use crate::support::cluster::{private_cluster, unique};
use crate::support::project::Project;

/// A project whose DATABASE_URL says `?schema=`.
fn in_schema(encoded: &str) -> Project {
    let project = Project::new();
    let url = format!("{}&schema={encoded}", project.db.url);
    project.url(&url)
}

fn tables(project: &Project, schema: &str) -> String {
    project.words(&format!(
        "SELECT coalesce(string_agg(relname, ' ' ORDER BY relname), '') FROM pg_class c \
         JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = {schema} AND relkind = 'r'"
    ))
}

#[test]
fn the_schema_of_the_url_is_created_and_holds_tables_and_ledger() {
    let project = in_schema("app");
    project.migration("20260101000000_t", "CREATE TABLE t (id int);", "DROP TABLE t;");
    assert_snapshot!(project.run(&["status"]).text(), @"
    exit 4
    --- stdout
    DB: 0 applied, 1 pending

       migration  state  applied at (UTC)  took  note
    .  20260101000000_t  pending

    next: `pgkeel deploy`, or `pgkeel migrate` on your own database
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    project.run(&["deploy", "--dry-run"]).exits(0);
    assert_eq!(project.number("SELECT count(*) FROM pg_namespace WHERE nspname IN ('app', 'pgkeel')"), 0);
    project.run(&["deploy"]).exits(0);
    assert_eq!(tables(&project, "'app'"), "__diesel_schema_migrations t");
    assert_eq!(tables(&project, "'public'"), "");
    assert_eq!(project.words("SELECT string_agg(ledger_schema, ' ') FROM pgkeel.migration"), "app");
    project.run(&["status"]).exits(0);
    project.run(&["rollback", "--yes"]).exits(0);
    assert_eq!(tables(&project, "'app'"), "__diesel_schema_migrations");
}

#[test]
fn two_applications_in_two_schemas_of_one_database_do_not_mix() {
    let (one, other) = (Project::new(), Project::new());
    let url = one.db.url.clone();
    let one = one.url(&format!("{url}&schema=one"));
    let other = other.url(&format!("{url}&schema=other"));
    one.migration("20260101000000_t", "CREATE TABLE t (id int);", "DROP TABLE t;");
    other.migration("20260101000000_t", "CREATE TABLE t (id bigint);", "DROP TABLE t;");
    other.migration("20260102000000_u", "CREATE TABLE u (id int);", "DROP TABLE u;");
    one.run(&["deploy"]).exits(0);
    other.run(&["status"]).exits(4);
    other.run(&["deploy"]).exits(0);
    one.run(&["status"]).exits(0);
    assert_eq!(tables(&one, "'one'"), "__diesel_schema_migrations t");
    assert_eq!(tables(&one, "'other'"), "__diesel_schema_migrations t u");
    other.run(&["rollback", "--yes", "--last-deploy"]).exits(0);
    one.run(&["status"]).exits(0);
    assert_eq!(tables(&one, "'one'"), "__diesel_schema_migrations t");
    let bookkeeping =
        "SELECT count(*) FROM pg_tables WHERE schemaname = 'pgkeel' AND tablename = 'operation'";
    assert_eq!(one.number(bookkeeping), 1, "they share our own tables");
}

#[test]
fn a_schema_may_have_any_name() {
    let long = "ü".repeat(31) + "x";
    for (encoded, literal) in [
        ("My%20%22App%22", "'My \"App\"'"),
        ("it%27s%20ours", "'it''s ours'"),
        ("select", "'select'"),
        ("back%5Cslash", "'back\\slash'"),
        (&*"%C3%BC".repeat(31).to_string().as_str().to_owned(), ""),
    ] {
        let literal = if literal.is_empty() { format!("'{}'", "ü".repeat(31)) } else { literal.to_owned() };
        let project = in_schema(encoded);
        project.migration("20260101000000_t", "CREATE TABLE t (id int);", "DROP TABLE t;");
        project.run(&["deploy"]).exits(0);
        assert_eq!(tables(&project, &literal), "__diesel_schema_migrations t", "{literal}");
        project.run(&["deploy"]).exits(0);
        project.run(&["status"]).exits(0);
        project.run(&["rollback", "--yes"]).exits(0);
        assert_eq!(tables(&project, &literal), "__diesel_schema_migrations", "{literal}");
    }
    assert_eq!(long.len(), 63);
}

#[test]
fn migration_folders_may_have_any_name() {
    let project = Project::with_migrations(&[
        ("20260101000000_it's \"quoted\" $1", "CREATE TABLE a (id int);", "DROP TABLE a;"),
        (
            "20260102000000_Größe_名前",
            "CREATE TABLE \"Größe\" (\"名 \"\"前\"\"\" int);",
            "DROP TABLE \"Größe\";",
        ),
        ("20260103000000", "CREATE TABLE c (id int);", "DROP TABLE c;"),
        ("2026-01-04-000000_dashes", "CREATE TABLE d (id int);", "DROP TABLE d;"),
        ("v1's_odd version", "CREATE TABLE e (id int);", "DROP TABLE e;"),
    ]);
    assert_snapshot!(project.run(&["deploy"]).text(), @r#"
    exit 0
    --- stdout
    applied 20260101000000_it's "quoted" $1  N ms
    applied 20260102000000_Größe_名前  N ms
    applied 20260103000000  N ms
    applied 2026-01-04-000000_dashes  N ms
    applied v1's_odd version  N ms
    DB: applied 5 migrations
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    "#);
    assert_snapshot!(project.run(&["status", "--all"]).text(), @r#"
    exit 0
    --- stdout
    DB: 5 applied, 0 pending

       migration  state  applied at (UTC)  took  note
    +  20260101000000_it's "quoted" $1  applied  TIME  N ms
    +  20260102000000_Größe_名前  applied  TIME  N ms
    +  20260103000000  applied  TIME  N ms
    +  2026-01-04-000000_dashes  applied  TIME  N ms
    +  v1's_odd version  applied  TIME  N ms
    drift: never checked (`pgkeel drift`)
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    "#);
    project.remove("migrations/20260101000000_it's \"quoted\" $1");
    assert_snapshot!(project.run(&["rollback", "--yes", "--steps", "5"]).text(), @r#"
    exit 0
    --- stdout
    undone v1's_odd version  N ms
    undone 2026-01-04-000000_dashes  N ms
    undone 20260103000000  N ms
    undone 20260102000000_Größe_名前  N ms
    undone 20260101000000_it's "quoted" $1  N ms
    DB: undid 5 migrations; 0 still applied
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    -- 20260101000000_it's "quoted" $1/down.sql, as stored in the database
    DROP TABLE a;
    "#);
    assert_eq!(tables(&project, "'public'"), "__diesel_schema_migrations");
}

#[test]
fn names_of_63_bytes_are_not_cut() {
    let table = "t".repeat(63);
    let project = Project::with_migrations(&[(
        "20260101000000_long",
        &format!("CREATE TABLE {table} (id int); SELECT {table}.id FROM {table};"),
        &format!("DROP TABLE {table};"),
    )]);
    project.run(&["deploy"]).exits(0);
    project.run(&["rollback", "--yes"]).exits(0);
}

#[test]
fn a_bookkeeping_schema_of_another_name_is_honoured() {
    let project =
        Project::with_migrations(&[("20260101000000_t", "CREATE TABLE t (id int);", "DROP TABLE t;")]);
    project.file("pgkeel.toml", "bookkeeping_schema = \"Ops \\\"Log\\\"\"\n");
    project.run(&["deploy"]).exits(0);
    project.run(&["status"]).exits(0);
    assert_eq!(
        tables(&project, "'Ops \"Log\"'"),
        "__diesel_schema_migrations environment expected last_operation migration operation seed"
    );
    assert_eq!(project.number("SELECT count(*) FROM pg_namespace WHERE nspname = 'pgkeel'"), 0);
}

#[test]
fn a_bookkeeping_schema_that_is_an_application_s_own_is_refused() {
    let project =
        Project::with_migrations(&[("20260101000000_t", "CREATE TABLE t (id int);", "DROP TABLE t;")]);
    project.sql("CREATE SCHEMA pgkeel; CREATE TABLE pgkeel.__diesel_schema_migrations (version varchar(50) PRIMARY KEY, run_on timestamp)");
    assert_snapshot!(project.run(&["deploy"]).text(), @r#"
    exit 2
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: the schema `pgkeel` already holds an application's ledger (`pgkeel.__diesel_schema_migrations`), so pgkeel's own tables cannot live there
    next: choose another one: `bookkeeping_schema = "…"` in pgkeel.toml
    "#);
    assert_eq!(tables(&project, "'public'"), "");
    let project = in_schema("pgkeel");
    project.migration("20260101000000_t", "CREATE TABLE t (id int);", "DROP TABLE t;");
    assert_snapshot!(project.run(&["deploy"]).text(), @r#"
    exit 2
    --- stderr
    error: the bookkeeping schema `pgkeel` is in the search_path of role `dev` (perhaps by `"$user"`), so the application's own tables and ledger would land in it
    next: give it another name: `bookkeeping_schema = "…"` in pgkeel.toml
    "#);
    assert_eq!(project.number("SELECT count(*) FROM pg_namespace WHERE nspname = 'pgkeel'"), 0);
}

#[test]
fn a_role_that_is_called_like_the_bookkeeping_schema_is_refused() {
    let cluster = private_cluster();
    let project =
        Project::with_migrations(&[("20260101000000_t", "CREATE TABLE t (id int);", "DROP TABLE t;")]);
    {
        use diesel::connection::SimpleConnection;
        cluster
            .connect("postgres")
            .batch_execute("CREATE ROLE pgkeel SUPERUSER LOGIN PASSWORD 'secret'")
            .unwrap();
    }
    let url = cluster.running.url("postgres").replacen("dev@", "pgkeel:secret@", 1);
    let project = project.url(&url);
    let ran = project.run(&["deploy"]);
    ran.exits(2);
    assert!(
        ran.stderr.contains("the bookkeeping schema `pgkeel` is in the search_path of role `pgkeel`"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("`bookkeeping_schema = \"…\"` in pgkeel.toml"), "{}", ran.stderr);
    project.run(&["status"]).exits(2);
    project.file("pgkeel.toml", "bookkeeping_schema = \"keel\"\n");
    project.run(&["deploy"]).exits(0);
    project.run(&["status"]).exits(0);
}

#[test]
fn a_database_may_have_any_name() {
    let project = Project::new();
    let name = format!("{} \"x\" = ' ü", unique("n").chars().take(40).collect::<String>());
    let encoded = name
        .replace(' ', "%20")
        .replace('"', "%22")
        .replace('=', "%3D")
        .replace('\'', "%27")
        .replace('ü', "%C3%BC");
    let url = project.db.url.replacen(&project.db.name, &encoded, 1);
    let quoted = name.replace('"', "\"\"");
    let project = project.url(&url);
    project.migration("20260101000000_t", "CREATE TABLE t (id int);", "DROP TABLE t;");
    let ran = project.run(&["migrate"]);
    ran.exits(0);
    assert!(ran.stdout.contains(&format!("created database {name}")), "{}", ran.stdout);
    project.run(&["status"]).exits(0);
    project.run(&["rollback", "--yes"]).exits(0);
    project.sql(&format!("DROP DATABASE \"{quoted}\""));
}
