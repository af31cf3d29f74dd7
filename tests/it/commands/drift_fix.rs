//! `drift --fix`: what was done by hand becomes a migration; nothing live is touched.

use crate::support::project::Project;

use super::drift::{A, B, deployed, known};

/// What PostgreSQL knows of every table, column and index of the user's.
fn rows(project: &Project) -> String {
    project.words(
        "SELECT string_agg(line, E'\\n' ORDER BY line) FROM (\
         SELECT concat_ws(' ', c.oid, c.xmin, c.relname, c.relfilenode) AS line FROM pg_class c \
         WHERE relnamespace = 'public'::regnamespace UNION ALL \
         SELECT concat_ws(' ', attrelid, attnum, a.xmin) FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid \
         WHERE relnamespace = 'public'::regnamespace) all_of_it",
    )
}

const BY_HAND: &str = "ALTER TABLE a ADD phone text NOT NULL DEFAULT 'x'; CREATE INDEX by_hand ON a (note); \
    ALTER TYPE mood ADD VALUE 'happy'; CREATE TABLE log (mood mood)";

#[test]
fn what_was_done_by_hand_becomes_a_migration_that_counts_as_applied_here() {
    let project = deployed(&[A]);
    project
        .sql(BY_HAND)
        .sql("ALTER TABLE log ALTER mood SET DEFAULT 'happy'; INSERT INTO a VALUES (1, 'kept')");
    let before = rows(&project);
    let ran = project.run(&["drift", "--fix", "--name", "keep it"]);
    assert!(ran.exits(0).stdout.contains("recorded as applied here"), "{}", ran.text());
    assert!(ran.stderr.contains("proved in a shadow database: up, down, up again"), "{}", ran.text());
    assert_eq!(rows(&project), before, "nothing was touched");
    assert_eq!(known(&project), [""; 0]);
    project.run(&["status"]).exits(0);
    let ran = project.run(&["deploy"]);
    assert!(ran.stdout.contains("nothing to apply"), "{}", ran.text());
    // The value must be committed before its use.
    assert!(project.number("SELECT count(*) FROM __diesel_schema_migrations") > 2);

    // Another database gets it.
    let folder = project.root().join("migrations").display().to_string();
    let fresh = Project::new();
    fresh.file("pgkeel.toml", format!("migrations = \"{folder}\"\n"));
    fresh.run(&["deploy"]).exits(0);
    assert_eq!(known(&fresh), [""; 0]);
    let url = project.db.url.clone();
    fresh.run(&["drift", "--against", &url]).exits(0);
    // And it can be undone.
    project.run(&["rollback", "--to", "20260101000000", "--yes", "--no-backup"]).exits(0);
    assert_eq!(project.words("SELECT note FROM a"), "kept");
}

#[test]
fn without_differences_it_does_nothing() {
    let project = deployed(&[A]);
    let ran = project.run(&["drift", "--fix", "--name", "x"]);
    assert!(ran.exits(0).stdout.contains("no drift from its 1 migration"), "{}", ran.text());
    assert_eq!(std::fs::read_dir(project.root().join("migrations")).unwrap().count(), 1);
    project.run(&["drift", "--fix"]).exits(2);
    project.run(&["drift", "--name", "x"]).exits(2);
}

#[test]
fn it_waits_for_an_orderly_history() {
    let project = deployed(&[A]);
    project.sql("CREATE TABLE by_hand (id int)");
    project.migration(B.0, B.1, B.2);
    let ran = project.run(&["drift", "--fix", "--name", "x"]);
    assert!(ran.exits(4).stderr.contains("1 migration is pending"), "{}", ran.text());
    project.file("migrations/20260101000000_a/up.sql", "SELECT 1;");
    project.run(&["drift", "--fix", "--name", "x"]).exits(5);
    assert_eq!(std::fs::read_dir(project.root().join("migrations")).unwrap().count(), 2);
}

#[test]
fn what_is_left_out_stays_out_of_the_migration() {
    let project = deployed(&[A]);
    project.sql("CREATE TABLE scratch (id int); ALTER TABLE a ADD phone text");
    project.file("pgkeel.toml", "[drift]\nignore = [\"public.scratch\"]\n");
    project.run(&["drift", "--fix", "--name", "phone"]).exits(0);
    assert_eq!(known(&project), [""; 0]);
    project.file("pgkeel.toml", "");
    assert_eq!(known(&project), ["added column public.scratch.id", "added table public.scratch"]);
}

#[test]
fn a_column_that_was_renamed_by_hand_is_renamed_by_the_migration() {
    let project = deployed(&[A]);
    project.sql("ALTER TABLE a RENAME note TO remark");
    project.run(&["drift", "--fix", "--name", "remark", "--rename", "a.note=remark"]).exits(0);
    let written = std::fs::read_dir(project.root().join("migrations")).unwrap();
    let up = written.filter_map(|one| {
        let path = one.unwrap().path();
        path.to_string_lossy()
            .ends_with("_remark")
            .then(|| std::fs::read_to_string(path.join("up.sql")).unwrap())
    });
    assert_eq!(up.collect::<String>().trim(), "ALTER TABLE public.a RENAME COLUMN note TO remark;");
    assert_eq!(known(&project), [""; 0]);
}

#[test]
fn what_is_not_compared_is_not_taken_over_in_silence() {
    let project = deployed(&[A]);
    project.sql("GRANT SELECT ON a TO PUBLIC; ALTER TABLE a ADD phone text");
    project.file("pgkeel.toml", "[drift]\nprivileges = false\n");
    project.run(&["drift", "--fix", "--name", "phone"]).exits(0);
    assert_eq!(known(&project), [""; 0]);
    project.file("pgkeel.toml", "");
    assert_eq!(known(&project), ["changed table public.a"]);
}

#[test]
fn what_migrate_makes_of_a_hand_edited_database_is_expected_too() {
    let project = deployed(&[A]);
    project.sql("ALTER TABLE a ADD phone text");
    project.run(&["migrate", "--name", "phone", "--skip-generate"]).exits(0);
    assert_eq!(known(&project), [""; 0]);
    project.run(&["status"]).exits(0);
}
