//! `migrate` where it could go wrong in silence: what is only recorded, what is left out of drift, answers that do not fit, and
//! what is left behind.

use crate::support::project::{Project, Ran};

fn project(schema: &str) -> Project {
    let project = Project::new();
    project.file("schema.sql", schema);
    project.run(&["migrate", "--name", "init"]).exits(0);
    project
}

fn folders(project: &Project) -> usize {
    std::fs::read_dir(project.root().join("migrations")).unwrap().count()
}

fn migrate(project: &Project, words: &[&str]) -> Ran {
    project.run(&[&["migrate", "--name", "next"], words].concat())
}

#[test]
fn what_drift_is_told_to_leave_out_is_applied_all_the_same() {
    let project = project("CREATE TABLE users (id int);");
    project.file("pgkeel.toml", "[drift]\nprivileges = false\nignore = [\"table public.part_*\"]\n");
    project.file(
        "schema.sql",
        "CREATE TABLE users (id int); GRANT SELECT ON users TO PUBLIC; CREATE TABLE part_x (id int);",
    );
    let ran = migrate(&project, &[]);
    assert!(ran.exits(0).stdout.contains("applied 1 migration"), "{}", ran.text());
    assert_eq!(project.number("SELECT has_table_privilege('public', 'users', 'SELECT')::int::bigint"), 1);
    assert_eq!(project.number("SELECT count(*) FROM part_x"), 0);
}

#[test]
fn a_rename_by_hand_is_never_dropped_and_added_in_silence() {
    let project = project("CREATE TABLE users (id int, old text);");
    project.sql("INSERT INTO users VALUES (1, 'precious'); ALTER TABLE users RENAME old TO fresh");
    let fix = ["drift", "--fix", "--name", "fresh"];
    let refused = project.run(&fix);
    assert!(
        refused.exits(3).stderr.contains("--rename 'column public.users.old=fresh'"),
        "{}",
        refused.text()
    );
    project.remove("schema.sql");
    assert!(migrate(&project, &[]).exits(3).stderr.contains("--no-rename"));
    assert_eq!(folders(&project), 1);
    project.run(&[&fix[..], &["--rename", "users.old=fresh"]].concat()).exits(0);
    assert_eq!(project.words("SELECT fresh FROM users"), "precious");
    project.run(&["drift"]).exits(0);
    project.run(&["rollback", "--yes"]).exits(0);
    assert_eq!(project.words("SELECT old FROM users"), "precious");
}

#[test]
fn a_value_for_rows_goes_with_a_default_and_with_deferred_keys() {
    let project = project(
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (id int, p int REFERENCES p DEFERRABLE INITIALLY DEFERRED);",
    );
    project.sql("INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, NULL)");
    project.file(
        "schema.sql",
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (id int, p int NOT NULL REFERENCES p DEFERRABLE INITIALLY DEFERRED, \
         state text NOT NULL DEFAULT 'new', more text NOT NULL DEFAULT 'm');",
    );
    migrate(&project, &["--fill", "c.p=1", "--fill", "c.state='old'", "--fill", "c.more=id::text"]).exits(0);
    assert_eq!(project.words("SELECT p || state || more FROM c"), "1old1");
    project.sql("INSERT INTO c (id, p) VALUES (2, 1)");
    assert_eq!(project.words("SELECT state || more FROM c WHERE id = 2"), "newm");
}

#[test]
fn an_expression_that_loses_or_is_too_long_is_known_before() {
    let project = project("CREATE TABLE t (v numeric(10,2), s text);");
    project.sql("INSERT INTO t VALUES (1.25, 'abcdef')");
    project.file("schema.sql", "CREATE TABLE t (v int, s text);");
    let ran = migrate(&project, &["--using", "t.v=v::int"]);
    assert!(ran.exits(3).stderr.contains("the fractions of the values of public.t.v"), "{}", ran.text());
    project.file("schema.sql", "CREATE TABLE t (v numeric(10,2), s varchar(3));");
    let ran = migrate(&project, &["--using", "t.s=s || ''"]);
    assert!(ran.exits(3).stderr.contains("and there are such rows now"), "{}", ran.text());
    let ran = migrate(&project, &["--using", "t.s=left(s, 3)", "--fill", "t.v=1"]);
    assert!(ran.exits(2).stderr.contains("--fill: column public.t.v does not change"), "{}", ran.text());
    migrate(&project, &["--using", "t.s=left(s, 3)"]).exits(0);
    assert_eq!(project.words("SELECT s FROM t"), "abc");
}

#[test]
fn rows_that_refer_to_nothing_are_known_before() {
    let project = project("CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p int);");
    project.sql("INSERT INTO c VALUES (77)");
    project.file("schema.sql", "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p int REFERENCES p);");
    let ran = migrate(&project, &[]);
    assert!(
        ran.exits(3).stderr.contains("refer to none of public.p; and there are such rows now"),
        "{}",
        ran.text()
    );
    assert_eq!(folders(&project), 1);
}

#[test]
fn what_cannot_be_applied_is_not_kept() {
    let project = project("CREATE TABLE t (a int);");
    project.sql("INSERT INTO t VALUES (0)");
    project.file("schema.sql", "CREATE TABLE t (a int, b int GENERATED ALWAYS AS (1 / a) STORED);");
    let ran = migrate(&project, &[]);
    assert!(ran.exits(1).stderr.contains("it was not kept"), "{}", ran.text());
    assert_eq!(folders(&project), 1);
    project.run(&["status"]).exits(0);
}

#[test]
fn an_edit_that_is_accepted_makes_drift_unknown_and_not_none() {
    let project =
        Project::with_migrations(&[("20260101000000_a", "CREATE TABLE a (id int);", "DROP TABLE a;")]);
    project.run(&["migrate"]).exits(0);
    project.run(&["drift"]).exits(0);
    project.migration("20260101000000_a", "CREATE TABLE a (id int, extra text);", "DROP TABLE a;");
    project.run(&["resolve", "--accept-edit", "20260101000000"]).exits(0);
    let ran = project.run(&["drift"]);
    assert!(ran.exits(6).stderr.contains("replayed instead"), "{}", ran.text());
}

#[test]
fn two_applications_in_one_database_do_not_take_each_others_objects() {
    let one = project("CREATE TABLE public.a (id int);");
    let url = format!("{}&schema=lb", one.db.url);
    let other = Project::new().url(&url);
    other.file("schema.sql", "CREATE TABLE public.b (id int);");
    other.file("migrations/20260101000000_b/up.sql", "CREATE TABLE public.b (id int);");
    other.run(&["deploy"]).exits(0);
    one.file("schema.sql", "CREATE TABLE public.a (id int, name text);");
    let ran = migrate(&one, &[]);
    assert!(!ran.exits(0).stderr.contains("by hand"), "{}", ran.text());
    one.run(&["drift"]).exits(0);
    other.run(&["drift"]).exits(0);
    one.sql("CREATE INDEX a_name ON public.a (name)");
    one.run(&["drift", "--fix", "--name", "index"]).exits(0);
    other.run(&["drift"]).exits(0);
}

#[test]
fn without_a_desired_state_hand_edits_are_told() {
    let project =
        Project::with_migrations(&[("20260101000000_a", "CREATE TABLE a (id int);", "DROP TABLE a;")]);
    project.run(&["migrate"]).exits(0);
    project.sql("ALTER TABLE a ADD COLUMN b text");
    let ran = project.run(&["migrate"]);
    assert!(ran.exits(0).stderr.contains("column public.a.b"), "{}", ran.text());
    project.file("schema.sql/readme.md", "not SQL");
    assert!(project.run(&["migrate"]).exits(2).stderr.contains("without a .sql file"));
}

#[test]
fn of_two_new_migrations_the_one_that_failed_is_named_and_kept() {
    let project = project("CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE t (a int, m mood DEFAULT 'sad');");
    project.sql("INSERT INTO t VALUES (0)");
    project.file(
        "schema.sql",
        "CREATE TYPE mood AS ENUM ('sad', 'ok'); \
         CREATE TABLE t (a int, m mood DEFAULT 'sad', b int GENERATED ALWAYS AS (CASE m WHEN 'ok' THEN 0 ELSE 1 / a END) STORED);",
    );
    let ran = migrate(&project, &[]);
    assert_eq!(project.number("SELECT count(*) FROM __diesel_schema_migrations"), 2);
    assert!(
        ran.exits(1).stderr.contains("_next_2` is written and proved, and was not applied"),
        "{}",
        ran.text()
    );
    assert_eq!(folders(&project), 3);
}
