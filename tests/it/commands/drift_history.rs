//! What is expected, over days of deploys, rollbacks, resets, other tools and hand edits: no run swallows what it did not do.

use diesel_migrations::{FileBasedMigrations, MigrationHarness};

use crate::support::project::Project;

use super::drift::{A, B, C, deployed, differing, known};

const NOTHING: [&str; 0] = [];

/// diesel_cli runs what is pending.
fn diesel(project: &Project) {
    let folder = FileBasedMigrations::from_path(project.root().join("migrations")).unwrap();
    project.db.connect().run_pending_migrations(folder).unwrap();
}

/// Where no shadow database can be.
fn without_a_shadow(project: &mut Project) {
    project.set("PGKEEL_ENV", "production");
    project.set("CI", "true");
}

#[test]
fn a_hand_edit_on_monday_is_what_friday_names() {
    let mut project = deployed(&[A]);
    project.sql("ALTER TABLE a ADD by_hand int"); // Monday
    project.migration(B.0, B.1, B.2).run(&["deploy", "--no-backup"]).exits(0); // Tuesday
    let stored = project.words("SELECT stored_at::text FROM pgkeel.expected");
    project.run(&["deploy"]).exits(0); // Wednesday
    assert_eq!(
        project.words("SELECT stored_at::text FROM pgkeel.expected"),
        stored,
        "a no-op stores nothing"
    );
    assert_eq!(known(&project), ["added column public.a.by_hand"]);
    project.migration(C.0, C.1, C.2);
    diesel(&project); // Thursday
    assert_eq!(differing(&project), ["added column public.a.by_hand"]); // Friday
    let ran = project.run(&["drift"]);
    let why = "20260103000000 was applied without pgkeel, or recorded by hand";
    assert!(ran.exits(6).stderr.contains(why), "{}", ran.text());
    let status = project.run(&["status"]);
    assert!(status.stdout.contains(&format!("drift: unknown: {why}")), "{}", status.text());

    without_a_shadow(&mut project);
    let ran = project.run(&["drift"]);
    assert!(ran.exits(1).stderr.contains(why), "{}", ran.text());
    assert!(ran.stderr.contains("is protected"), "both reasons: {}", ran.text());
    project.run(&["status", "--check", "drift"]).exits(1);

    // The next deploy accounts for its own and for nothing else.
    project.set("PGKEEL_ENV", "staging");
    project.set("CI", "");
    project
        .migration("20260104000000_d", "CREATE TABLE d (id int);", "DROP TABLE d;")
        .run(&["deploy"])
        .exits(0);
    assert_eq!(differing(&project), ["added column public.a.by_hand"]);
    let ran = project.run(&["drift"]);
    assert!(ran.stderr.contains(why), "{}", ran.text());
    let ran = project.run(&["drift", "--refresh"]);
    assert!(
        ran.exits(6).stdout.contains("stored what its 4 migrations make as what is expected"),
        "{}",
        ran.text()
    );
    assert_eq!(known(&project), ["added column public.a.by_hand"]);
}

#[test]
fn every_false_green_is_seen_with_its_code() {
    // An edited file.
    let project = deployed(&[A, B]);
    project.file("migrations/20260102000000_b/up.sql", "CREATE TABLE b (id bigint PRIMARY KEY);");
    for command in [&["status"][..], &["deploy"]] {
        project.run(command).exits(5);
    }
    assert_eq!(known(&project), NOTHING, "what was applied is what counts");
    // A deleted folder; the replay takes the SQL that is stored.
    project.remove("migrations/20260102000000_b");
    for command in [&["status"][..], &["deploy"]] {
        project.run(command).exits(5);
    }
    project.run(&["drift", "--refresh"]).exits(0);
    assert_eq!(known(&project), NOTHING);
    // Rolled back by hand, and still to be applied again.
    let project = deployed(&[A, B]);
    project.run(&["resolve", "--rolled-back", "20260102000000"]).exits(0);
    project.run(&["status"]).exits(4);
    assert_eq!(differing(&project).len(), 3, "the table is still there");
    // The live schema altered by hand.
    let project = deployed(&[A]);
    project.sql("ALTER TABLE a DROP note");
    project.run(&["status", "--check", "drift"]).exits(6);
    project.run(&["drift"]).exits(6);
}

#[test]
fn what_a_failed_deploy_has_finished_is_expected() {
    let project = deployed(&[A]);
    project.sql("CREATE TABLE by_hand (id int)");
    project.migration(B.0, B.1, B.2).migration(C.0, "CREATE TABLE c (id int); SELECT 1/0;", "DROP TABLE c;");
    project.run(&["deploy"]).exits(1);
    assert_eq!(known(&project), ["added column public.by_hand.id", "added table public.by_hand"]);
    // A partial one: what has run of it is no drift.
    project
        .migration(
            C.0,
            "CREATE TABLE c (id int); CREATE INDEX CONCURRENTLY i ON c (id); SELECT 1/0;",
            "DROP TABLE c;",
        )
        .file("migrations/20260103000000_c/metadata.toml", "run_in_transaction = false\n");
    project.run(&["deploy"]).exits(1);
    assert_eq!(known(&project), ["added column public.by_hand.id", "added table public.by_hand"]);
}

#[test]
fn a_rollback_and_a_reset_move_what_is_expected() {
    let project = deployed(&[A, B]);
    project.sql("CREATE INDEX by_hand ON a (note)");
    project.run(&["rollback", "--yes"]).exits(0);
    assert_eq!(known(&project), ["added index public.by_hand"]);
    project.run(&["deploy"]).exits(0);
    assert_eq!(known(&project), ["added index public.by_hand"]);
    project.run(&["reset", "--yes", "--skip-seed"]).exits(0);
    assert_eq!(known(&project), NOTHING);
}

#[test]
fn a_reset_in_place_begins_anew() {
    let mut project = Project::with_migrations(&[A, B]);
    let role = crate::support::role::Role::owner(&mut project, "");
    project.sql(&format!("ALTER SCHEMA public OWNER TO {}", role.name));
    project.run(&["deploy"]).exits(0);
    let scratch = "CREATE TABLE scratch (id int)";
    project.sql(&format!("SET ROLE {}; {scratch}", role.name));
    project.run(&["reset", "--yes", "--skip-seed"]).exits(0);
    assert_eq!(known(&project), NOTHING);
    drop(project.run(&["dev", "destroy", "--yes"]));
    drop(role);
}

#[test]
fn a_rename_and_an_alteration_leave_what_was_done_by_hand_visible() {
    let project = deployed(&[A]);
    project.sql(
        "ALTER TABLE a ADD by_hand int; ALTER TYPE mood ADD VALUE 'by hand'; GRANT SELECT ON a TO PUBLIC; \
         COMMENT ON COLUMN a.note IS 'by hand'; CREATE VIEW v AS SELECT id FROM a; DROP INDEX IF EXISTS nothing",
    );
    let up = "ALTER TABLE a RENAME TO aa; ALTER TABLE aa RENAME note TO remark; ALTER TABLE aa ALTER remark SET NOT NULL; \
              ALTER TYPE mood ADD VALUE 'happy'; GRANT INSERT ON aa TO PUBLIC; CREATE INDEX ours ON aa (remark);";
    project.migration("20260102000000_more", up, "SELECT 1;").run(&["deploy"]).exits(0);
    assert_eq!(
        known(&project),
        [
            "added column public.aa.by_hand",
            "added view public.v",
            "changed column public.aa.remark",
            "changed enum public.mood",
            "changed table public.aa",
        ]
    );
    let json = project.run(&["drift", "--json"]).json();
    let change = |name: &str| {
        let found = json["differences"].as_array().unwrap().iter().find(|one| one["name"] == name).unwrap();
        found["attributes"].clone()
    };
    assert_eq!(change("public.aa.remark")[0]["name"], "comment");
    assert_eq!(change("public.mood")[0]["from"], "sad\nok\nhappy");
    assert_eq!(change("public.mood")[0]["to"], "sad\nok\nby hand\nhappy");
}

#[test]
fn a_first_deploy_on_a_database_that_is_not_bare_is_unproved() {
    let mut project = Project::with_migrations(&[A]);
    project.file("pgkeel.toml", "");
    project.sql("CREATE TABLE old (id int)");
    project.run(&["deploy"]).exits(0);
    let ran = project.run(&["drift"]);
    assert!(
        ran.exits(6).stderr.contains("what is stored is unproved: 2 objects (table public.old, …) were here"),
        "{}",
        ran.text()
    );
    without_a_shadow(&mut project);
    let ran = project.run(&["drift"]);
    assert!(ran.exits(0).stdout.contains("no drift since what is expected was stored"), "{}", ran.text());
    assert!(ran.stderr.contains("is unproved: 2 objects"), "{}", ran.text());
    assert_eq!(project.run(&["drift", "--json"]).json()["comparedWith"]["proved"], false);
    project.sql("CREATE TABLE hand (id int)");
    project.run(&["drift"]).exits(6);
}

#[test]
fn a_database_that_diesel_made_is_unknown_and_replayed() {
    let project = Project::with_migrations(&[A, B]);
    project.file("pgkeel.toml", "");
    diesel(&project);
    let ran = project.run(&["drift"]);
    assert!(ran.exits(0).stderr.contains("no run of pgkeel has stored yet"), "{}", ran.text());
    assert_eq!(
        project.number("SELECT count(*) FROM pg_namespace WHERE nspname = 'pgkeel'"),
        0,
        "looking creates nothing"
    );
    let status = project.run(&["status"]);
    assert!(status.stdout.contains("drift: never checked"), "{}", status.text());
    // The first run of ours does not know what was before it.
    project.migration(C.0, C.1, C.2).run(&["deploy"]).exits(0);
    let ran = project.run(&["drift"]);
    assert!(ran.exits(0).stderr.contains("2 migrations were applied here before"), "{}", ran.text());
    project.run(&["drift", "--refresh"]).exits(0);
    assert_eq!(known(&project), NOTHING);
}

#[test]
fn two_applications_in_one_database_do_not_accuse_each_other() {
    let one = deployed(&[A]);
    let mut other =
        Project::with_migrations(&[("20260105000000_x", "CREATE TABLE x (id int);", "DROP TABLE x;")]);
    other.file("pgkeel.toml", "");
    other.connect_to(&format!("{}&schema=other", one.db.url));
    other.run(&["deploy"]).exits(0);
    assert_eq!(known(&one), NOTHING);
    assert_eq!(known(&other), NOTHING);
    one.migration(B.0, B.1, B.2).run(&["deploy"]).exits(0);
    assert_eq!(known(&other), NOTHING);
    one.sql("CREATE TABLE other.by_hand (id int)");
    let by_hand = ["added column other.by_hand.id", "added table other.by_hand"];
    assert_eq!(
        (known(&one), known(&other)),
        (by_hand.map(str::to_owned).to_vec(), by_hand.map(str::to_owned).to_vec())
    );
}

#[test]
fn a_restore_brings_what_is_expected_with_the_data() {
    let project = deployed(&[A]);
    project.sql("CREATE INDEX by_hand ON a (note)");
    project.run(&["backup"]).exits(0);
    project.migration(B.0, B.1, B.2).run(&["deploy"]).exits(0);
    project.sql("DROP INDEX by_hand");
    project.run(&["restore", "latest", "--yes"]).exits(0);
    assert_eq!(known(&project), ["added index public.by_hand"]);
    project.run(&["deploy"]).exits(0);
    project.sql("DROP INDEX by_hand");
    project.run(&["restore", "latest", "--in-place", "--no-backup", "--yes"]).exits(0);
    assert_eq!(known(&project), ["added index public.by_hand"]);
    project.run(&["restore", "--drop-quarantine", "--yes"]).exits(0);
}

#[test]
fn facts_of_another_reader_or_server_are_unknown() {
    let project = deployed(&[A]);
    project.sql("UPDATE pgkeel.expected SET extractor = 0");
    let ran = project.run(&["drift"]);
    assert!(ran.exits(0).stderr.contains("a pgkeel that reads catalogs in another way"), "{}", ran.text());
    let now = pgkeel::engine::catalog::EXTRACTOR;
    project.sql(&format!("UPDATE pgkeel.expected SET extractor = {now}, facts = '\\x00'"));
    let ran = project.run(&["drift"]);
    assert!(ran.exits(0).stderr.contains("cannot be read back"), "{}", ran.text());
    // A run does not pretend to mend that.
    project.migration(B.0, B.1, B.2);
    let ran = project.run(&["deploy"]);
    assert!(ran.exits(0).stderr.contains("`pgkeel drift --refresh` mends that"), "{}", ran.text());
    project.run(&["drift", "--refresh"]).exits(0);
    assert_eq!(known(&project), NOTHING);
}
