//! Where there are no migrations, nothing counts as up to date.

use std::os::unix::fs::symlink;

use insta::assert_snapshot;

use crate::support::project::Project;

/// `deploy`, `status`, `validate` and `reset` end with 2 and this text.
#[track_caller]
fn refused(project: &Project) -> String {
    let runs = [&["deploy"][..], &["status"], &["validate"], &["reset", "--yes"]].map(|run| project.run(run));
    for ran in &runs {
        ran.exits(2);
        assert_eq!(ran.stdout, "", "{}", ran.text());
        assert_eq!(ran.text(), runs[0].text());
    }
    runs[0].text().to_owned()
}

fn without_a_folder() -> Project {
    let project = Project::new();
    project.remove("migrations");
    project
}

#[test]
fn a_missing_folder_is_an_error_that_names_it() {
    assert_snapshot!(refused(&without_a_folder()), @"
    exit 2
    --- stderr
    error: the migrations folder `migrations` does not exist
    next: run pgkeel in the project's folder, or with `-C DIR`; `pgkeel init` creates the folder
    ");
    let project = without_a_folder();
    project.file("diesel.toml", "[migrations_directory]\ndir = \"db/changes\"\n");
    assert_snapshot!(refused(&project), @"
    exit 2
    --- stderr
    error: the migrations folder `db/changes` (`migrations_directory.dir` in diesel.toml) does not exist
    next: run pgkeel in the project's folder, or with `-C DIR`; `pgkeel init` creates the folder
    ");
    project.run(&["init"]).exits(0);
    project.run(&["deploy"]).exits(0);
}

#[test]
fn an_empty_folder_is_fine() {
    let project = Project::new();
    for command in ["status", "deploy", "validate"] {
        project.run(&[command]).exits(0);
    }
}

#[test]
fn a_link_that_leads_nowhere_and_a_file_are_named() {
    let project = without_a_folder();
    symlink("../elsewhere", project.root().join("migrations")).unwrap();
    assert!(
        refused(&project).contains("`migrations` is a symbolic link to `../elsewhere`, which does not exist")
    );
    project.remove("migrations").file("migrations", "../elsewhere");
    assert!(refused(&project).contains("error: `migrations` is a file, not a folder of migrations"));
}

#[test]
fn a_migration_that_is_no_folder_blocks_the_others() {
    let project = Project::with_migrations(&[("20260101000000_a", "SELECT 1;", "SELECT 1;")]);
    symlink("../shared/b", project.root().join("migrations/20260102000000_b")).unwrap();
    project.file("migrations/20260103000000_c", "../shared/c").file("migrations/README.md", "notes");
    assert_snapshot!(project.run(&["deploy"]).text(), @"
    exit 2
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: the migrations folder must be mended first; nothing was run
      migrations/20260102000000_b: is a symbolic link to `../shared/b`, which does not exist
        restore the folder that it names, or delete the link
      migrations/20260103000000_c: is a file, and a migration is a folder; a checkout without symbolic links writes a link as such a file
        put the folder in its place, or `git config core.symlinks true` and check it out again
    next: mend them and run the command again
    ");
}

#[test]
fn the_migrations_of_other_tools_are_recognised() {
    let check = |files: &[(&str, &str)], expected: &str| {
        let project = without_a_folder();
        for (path, content) in files {
            project.file(path, content);
        }
        let text = refused(&project);
        assert!(text.contains(&format!("error: {expected}, and none that pgkeel reads")), "{text}");
        assert!(text.contains("\nnext: `pgkeel pull` writes schema.sql"), "{text}");
    };
    check(
        &[("prisma/migrations/20260101000000_a/migration.sql", "SELECT 1;")],
        "`prisma/migrations` holds a migration of Prisma (`20260101000000_a`)",
    );
    check(
        &[("migrations/20260101000000_a/migration.sql", "SELECT 1;")],
        "`migrations` holds a migration of Prisma (`20260101000000_a`)",
    );
    check(
        &[("migrations/1_a.up.sql", ""), ("migrations/1_a.down.sql", ""), ("migrations/2_b.up.sql", "")],
        "`migrations` holds 2 migrations of sqlx or golang-migrate (such as `1_a.up.sql`)",
    );
    check(
        &[("migrations/20260101000000_a.sql", "CREATE TABLE a ();")],
        "`migrations` holds a migration of sqlx or a like tool (`20260101000000_a.sql`)",
    );
    check(
        &[("db/migrations/20260101000000_a.sql", "-- migrate:up\n\n-- migrate:down\n")],
        "`db/migrations` holds a migration of dbmate (`20260101000000_a.sql`)",
    );
    check(
        &[("migrations/00001_a.sql", "-- +goose Up\n")],
        "`migrations` holds a migration of goose (`00001_a.sql`)",
    );
    check(
        &[("drizzle/0000_a.sql", ""), ("drizzle/meta/_journal.json", "{}")],
        "`drizzle` holds a migration of drizzle-kit (`0000_a.sql`)",
    );
    check(&[("sql/V1__a.sql", "")], "`sql` holds a migration of Flyway (`V1__a.sql`)");
    check(
        &[("migrations/20260101000000_a.js", "")],
        "`migrations` holds a migration of knex, Sequelize or TypeORM (`20260101000000_a.js`)",
    );
    check(
        &[("db/migrate/20260101000000_a.rb", "")],
        "`db/migrate` holds a migration of Rails (`20260101000000_a.rb`)",
    );
}

#[test]
fn outside_of_a_project_no_server_is_started() {
    let project = without_a_folder().url("");
    for command in ["status", "validate", "migrate"] {
        project.run(&[command]).exits(2);
    }
    assert_snapshot!(project.run(&["migrate"]).text(), @"
    exit 2
    --- stderr
    error: `ROOT` holds no pgkeel.toml, diesel.toml, migrations or schema.sql
    next: run pgkeel in the project's folder, or with `-C DIR`; `pgkeel init` starts a project here
    ");
    assert_eq!(project.run(&["dev", "status", "--json"]).json()["state"], "absent");
}
