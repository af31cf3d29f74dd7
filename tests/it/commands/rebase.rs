//! `migrate rebase`: a migration of another branch gets a version with which it is the newest again.

use insta::assert_snapshot;

use crate::support::project::Project;

const A: (&str, &str, &str) = ("20260101000000_a", "CREATE TABLE a (id int);", "DROP TABLE a;");
const C: (&str, &str, &str) = ("20260103000000_c", "CREATE TABLE c (id int);", "DROP TABLE c;");

/// `a` and `c` are applied; another branch brought `b` and `b2`, which are older than `c`.
fn project() -> Project {
    let project = Project::with_migrations(&[A, C]);
    project.file("pgkeel.toml", "").run(&["deploy"]).exits(0);
    project.migration("20260102000000_b", "ALTER TABLE a ADD b int;", "ALTER TABLE a DROP b;").migration(
        "2026-01-02-000001_b2",
        "ALTER TABLE a ADD b2 int;",
        "ALTER TABLE a DROP b2;",
    );
    project.run(&["deploy"]).exits(5);
    project
}

fn folders(project: &Project) -> String {
    let entries = std::fs::read_dir(project.root().join("migrations")).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names.join(" ")
}

#[test]
fn all_that_are_out_of_order_become_the_newest_in_their_order() {
    let project = project();
    let before = folders(&project);
    assert_snapshot!(project.run(&["migrate", "rebase", "--all", "--dry-run"]).text(), @"
    exit 0
    --- stdout
    would rename 20260102000000_b to 20260103000001_b
    would rename 2026-01-02-000001_b2 to 20260103000002_b2
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    assert_eq!(folders(&project), before);
    assert_snapshot!(project.run(&["migrate", "rebase", "--all"]).text(), @"
    exit 0
    --- stdout
    renamed 20260102000000_b to 20260103000001_b
    renamed 2026-01-02-000001_b2 to 20260103000002_b2
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    the migrations in their new order: in a shadow database on the server of postgres://dev@/DB?host=SOCKET
    no other database may have applied what is renamed: that cannot be seen from here
    ");
    assert_eq!(folders(&project), "20260101000000_a 20260103000000_c 20260103000001_b 20260103000002_b2");
    project.run(&["deploy"]).exits(0);
    assert_snapshot!(project.run(&["migrate", "rebase", "--all"]).text(), @"
    exit 0
    --- stdout
    nothing is out of order
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
}

#[test]
fn one_that_is_named_is_renamed_alone() {
    let project = project();
    project.run(&["migrate", "rebase", "b2"]).exits(0);
    assert_eq!(folders(&project), "20260101000000_a 20260102000000_b 20260103000000_c 20260103000001_b2");
    project.run(&["migrate", "rebase", "20260102000000"]).exits(0);
    project.run(&["deploy"]).exits(0);
    assert_eq!(folders(&project), "20260101000000_a 20260103000000_c 20260103000001_b2 20260103000002_b");
}

#[test]
fn what_is_applied_keeps_its_version() {
    let project = project();
    assert_snapshot!(project.run(&["migrate", "rebase", "a"]).text(), @"
    exit 2
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: `20260101000000_a` is applied here, and may be elsewhere: its version cannot change any more
    next: `pgkeel rollback` undoes it on your own database first; for all others write a new migration
    ");
    assert_snapshot!(project.run(&["migrate", "rebase", "20260101"]).text(), @"
    exit 2
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: `20260101000000_a` is applied here, and may be elsewhere: its version cannot change any more
    next: `pgkeel rollback` undoes it on your own database first; for all others write a new migration
    ");
}

#[test]
fn an_order_that_does_not_apply_is_told_and_nothing_is_renamed() {
    let project = project();
    project.file("migrations/20260103000000_c/up.sql", "CREATE TABLE c (id int); ALTER TABLE a ADD b int;");
    let before = folders(&project);
    let ran = project.run(&["migrate", "rebase", "--all"]);
    assert!(ran.exits(1).stderr.contains("nothing was renamed"), "{}", ran.text());
    assert!(ran.stderr.contains("column \"b\" of relation \"a\" already exists"), "{}", ran.text());
    assert_eq!(folders(&project), before);
    project.run(&["migrate", "rebase", "--all", "--skip-replay"]).exits(0);
    assert_ne!(folders(&project), before);
}

#[test]
fn without_a_database_one_can_be_named_and_all_cannot() {
    let project = project().url("postgres://nobody@127.0.0.1:1/none");
    assert_snapshot!(project.run(&["migrate", "rebase", "--all"]).text(), @"
    exit 2
    --- stderr
    tried postgres://nobody@127.0.0.1:1/none (`DATABASE_URL` in the environment)
    without a database, what is applied is not known: cannot connect to postgres://nobody@127.0.0.1:1/none: nothing listens on 127.0.0.1:1
    error: which migrations are out of order is known by a database alone
    next: name one, or connect to a database
    ");
    assert_snapshot!(project.run(&["migrate", "rebase", "20260102000000_b"]).text(), @"
    exit 0
    --- stdout
    renamed 20260102000000_b to 20260103000001_b
    --- stderr
    tried postgres://nobody@127.0.0.1:1/none (`DATABASE_URL` in the environment)
    without a database, what is applied is not known: cannot connect to postgres://nobody@127.0.0.1:1/none: nothing listens on 127.0.0.1:1
    tried postgres://nobody@127.0.0.1:1/none (`DATABASE_URL` in the environment)
    warning: the new order was not replayed: cannot connect to postgres://nobody@127.0.0.1:1/none: nothing listens on 127.0.0.1:1
    no other database may have applied what is renamed: that cannot be seen from here
    ");
}
