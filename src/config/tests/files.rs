//! Which files are found and read, in which order, and what is said of those that are wrong or disagree.

use super::{GlobalArgs, Project, check};

#[test]
fn env_files_are_read_in_order_and_those_that_disagree_are_named() {
    let files = [
        (".env", "DATABASE_URL=postgres://a:hunter2@one/shop\nDATABASE_POOL_MAX=3\nUNUSED=1"),
        (".env.test", "DATABASE_URL=postgres://b:hunter2@two/shop"),
        (".env.local", "DATABASE_URL=postgres://b:hunter22@two/shop\nDATABASE_POOL_MAX=3\nUNUSED=2"),
    ];
    let config = Project::new(&files).env("PGKEEL_ENV", "test").load().unwrap();
    assert_eq!(
        config.warnings,
        [
            "`DATABASE_URL` in .env.local is used (`postgres://b:****@two/shop`), and `DATABASE_URL` in .env.test is not \
             (`postgres://b:****@two/shop`): the files disagree (they differ in what is not shown).",
            "`DATABASE_URL` in .env.local is used (`postgres://b:****@two/shop`), and `DATABASE_URL` in .env is not \
             (`postgres://a:****@one/shop`): the files disagree.",
        ]
    );
    let local = [files[0], files[1], files[2], (".env.test.local", "DATABASE_URL=postgres://own")];
    check(
        Project::new(&local).env("PGKEEL_ENV", "test"),
        "database",
        "postgres://own | `DATABASE_URL` in .env.test.local",
    );
    let real = Project::new(&files).env("DATABASE_URL", "postgres://real").load().unwrap();
    assert_eq!(real.warnings, [""; 0], "that the real environment wins is normal");
}

#[test]
fn files_are_searched_up_to_the_repositorys_root() {
    let files = [
        (".env", "DATABASE_URL=postgres://above"),
        ("packages/db/pgkeel.toml", "migrations = 'sql'"),
        ("packages/db/src/x", ""),
    ];
    let inside = |args: &mut GlobalArgs| args.directory = Some("packages/db/src".into());
    check(Project::new(&files).args(inside), "database", "postgres://above | `DATABASE_URL` in ../../.env");
    check(Project::new(&files).args(inside), "migrations", "sql | `migrations` in pgkeel.toml");
    check(Project::new(&files), "migrations", "migrations | default");
    let by_flag = |args: &mut GlobalArgs| args.config = Some("packages/db/pgkeel.toml".into());
    check(Project::new(&files).args(by_flag), "migrations", "sql | `migrations` in pgkeel.toml");
    let missing = |args: &mut GlobalArgs| args.config = Some("none.toml".into());
    check(
        Project::new(&files).args(missing),
        "root",
        "error: `--config` names `none.toml`, and there is no such file.",
    );
    let nowhere = |args: &mut GlobalArgs| args.directory = Some("none".into());
    check(Project::new(&files).args(nowhere), "root", "error: The directory");
}

#[test]
fn diesels_file_is_honoured() {
    let diesel = (
        "diesel.toml",
        "[migrations_directory]\ndir = 'db/m'\n[print_schema]\nfile = 'src/schema.rs'\n[new]\nx = 1",
    );
    check(Project::new(&[diesel]), "migrations", "db/m | `migrations_directory.dir` in diesel.toml");
    check(
        Project::new(&[diesel, ("pgkeel.toml", "migrations = 'own'")]),
        "migrations",
        "own | `migrations` in pgkeel.toml",
    );
}

#[test]
fn mistakes_in_files_are_named_with_their_place_and_without_their_text() {
    check(
        Project::new(&[(".env", "A=1\nhunter2 x\n")]),
        "root",
        "error: .env:2: this line is not of the form",
    );
    check(
        Project::new(&[("pgkeel.toml", "\nmigration = 'x'")]),
        "root",
        "error: pgkeel.toml:2:1: unknown field `migration`",
    );
    check(
        Project::new(&[(".env", "DATABASE_URL=postgres://a:hunter2%@h")]),
        "root",
        "error: `DATABASE_URL` in .env: The password of the database URL has a `%`",
    );
    let literal = [("pgkeel.toml", "[environments.x]\nurl = 'postgres://a:hunter2@h'")];
    let warnings = Project::new(&literal).load().unwrap().warnings;
    assert!(warnings[0].starts_with("`environments.x.url` in pgkeel.toml holds a password"), "{warnings:?}");
}
