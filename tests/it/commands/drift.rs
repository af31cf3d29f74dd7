//! `drift`: the live database against what its migrations make.

use insta::assert_snapshot;

use crate::support::poll;
use crate::support::project::Project;

pub(super) const A: (&str, &str, &str) = (
    "20260101000000_a",
    "CREATE TABLE a (id int PRIMARY KEY, note text); CREATE TYPE mood AS ENUM ('sad', 'ok');",
    "DROP TABLE a; DROP TYPE mood;",
);
pub(super) const B: (&str, &str, &str) =
    ("20260102000000_b", "CREATE TABLE b (id int PRIMARY KEY);", "DROP TABLE b;");
pub(super) const C: (&str, &str, &str) =
    ("20260103000000_c", "CREATE TABLE c (id int PRIMARY KEY);", "DROP TABLE c;");

/// A project whose migrations are deployed.
pub(super) fn deployed(migrations: &[(&str, &str, &str)]) -> Project {
    let project = Project::with_migrations(migrations);
    project.file("pgkeel.toml", "");
    project.run(&["deploy"]).exits(0);
    project
}

/// The objects that differ, with a sign for what became of them.
#[track_caller]
pub(super) fn differing(project: &Project) -> Vec<String> {
    let ran = project.run(&["drift", "--json"]);
    let json = ran.json();
    let differences = json["differences"].as_array().unwrap_or_else(|| panic!("{}", ran.text()));
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let named = |one: &serde_json::Value| {
        format!("{} {} {}", text(&one["change"]), text(&one["kind"]), text(&one["name"]))
    };
    let mut all: Vec<String> = differences.iter().map(named).collect();
    all.sort();
    assert_eq!(ran.code, if all.is_empty() { 0 } else { 6 }, "{}", ran.text());
    all
}

/// The same, where nothing had to be replayed.
#[track_caller]
pub(super) fn known(project: &Project) -> Vec<String> {
    let json = project.run(&["drift", "--json"]).json();
    assert_eq!(json["comparedWith"]["what"], "stored", "{json}");
    assert_eq!(json["comparedWith"]["proved"], true, "{json}");
    differing(project)
}

#[test]
fn a_hand_edit_is_shown_with_both_definitions_and_the_way_back() {
    let project = deployed(&[A]);
    assert_snapshot!(project.run(&["drift"]).text(), @"
    exit 0
    --- stdout
    DB: no drift from its 1 migration
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    project.sql("ALTER TABLE a ALTER note SET NOT NULL; CREATE INDEX by_hand ON a (note); DROP TYPE mood");
    assert_snapshot!(project.run(&["drift"]).text(), @"
    exit 6
    --- stdout
    - enum public.mood removed
        CREATE TYPE public.mood AS ENUM ('sad', 'ok');

    + index public.by_hand added
        CREATE INDEX by_hand ON public.a USING btree (note);

    ~ table public.a changed
        ~ column public.a.note changed (not_null)
        CREATE TABLE public.a (                │ CREATE TABLE public.a (
            id integer NOT NULL,               │     id integer NOT NULL,
            note text,                         │     note text NOT NULL,
            CONSTRAINT a_pkey PRIMARY KEY (id) │     CONSTRAINT a_pkey PRIMARY KEY (id)
        );                                     │ );

    migrations → database DB: 1 added, 1 removed, 1 changed
    DB: 3 objects differ from its 1 migration
    next: `pgkeel drift --sql` prints the SQL that leads back; `pgkeel drift --fix --name NAME` makes a migration of it
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    let sql = project.run(&["drift", "--sql"]);
    assert_snapshot!(sql.text(), @"
    exit 6
    --- stdout
    DROP INDEX public.by_hand;

    CREATE TYPE public.mood AS ENUM ('sad', 'ok');

    ALTER TABLE public.a ALTER COLUMN note DROP NOT NULL;
    --- stderr
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    ");
    project.sql(&sql.stdout);
    assert_eq!(known(&project), [""; 0]);
    project.run(&["drift"]).exits(0);
}

#[test]
fn status_tells_the_last_comparison_or_makes_one() {
    let project = deployed(&[A]);
    let line = |project: &Project| {
        let stdout = project.run(&["status"]).stdout;
        let line = stdout.lines().find(|line| line.starts_with("drift: ")).map(str::to_owned);
        line.map(|line| line.split(", checked").next().unwrap_or_default().to_owned()).unwrap_or_default()
    };
    assert_eq!(line(&project), "drift: never checked (`pgkeel drift`)");
    project.run(&["drift"]).exits(0);
    assert_eq!(line(&project), "drift: none");
    project.sql("CREATE TABLE hand (id int); CREATE TABLE two (id int)");
    assert_eq!(line(&project), "drift: none", "only a comparison knows");
    let ran = project.run(&["status", "--check", "drift"]);
    assert!(ran.exits(6).stdout.contains("drift: 2 objects differ, checked now"), "{}", ran.text());
    assert_eq!(line(&project), "drift: 2 objects differ");
    let json = project.run(&["status", "--json"]).json();
    assert_eq!((&json["drift"]["state"], &json["drift"]["differences"]), (&"differs".into(), &2.into()));
    project.run(&["status"]).exits(0);
    // Weaker than trouble, stronger than pending.
    project.migration(B.0, B.1, B.2);
    project.run(&["status"]).exits(4);
    project.run(&["status", "--check", "drift"]).exits(6);
    project.remove("migrations/20260101000000_a");
    project.run(&["status", "--check", "drift"]).exits(5);
    project.run(&["status", "--check", "drift", "--exit-zero"]).exits(0);
    project.migration(A.0, A.1, A.2).run(&["rollback", "--yes"]).exits(0);
    assert_eq!(line(&project), "drift: 2 objects differ");
}

#[test]
fn rules_leave_out_what_is_none_of_the_migrations() {
    let project = deployed(&[A]);
    project.sql(
        "CREATE SCHEMA cron; CREATE TABLE cron.job (id serial PRIMARY KEY, note text); CREATE INDEX ON cron.job (note); \
         CREATE SCHEMA tmp_1; CREATE TABLE tmp_1.t (id int); CREATE VIEW tmp_1.v AS SELECT id FROM tmp_1.t; \
         CREATE TABLE scratch (id int PRIMARY KEY REFERENCES a); ALTER TABLE a ADD x_1 int, ADD kept int",
    );
    let all = known(&project);
    assert!(all.len() > 10, "{all:?}");
    project.file(
        "pgkeel.toml",
        "[drift]\nignore = [\"table cron.*\", \"schema tmp_*\", \"public.scratch\", \"public.a.x_?\"]\n",
    );
    assert_eq!(known(&project), ["added column public.a.kept", "added schema cron"]);
    let ran = project.run(&["drift"]);
    assert!(ran.stdout.contains(" objects left out by `[drift] ignore`"), "{}", ran.text());
    project.file("pgkeel.toml", "[drift]\nignore = [\"tabel cron.*\"]\n");
    assert_snapshot!(project.run(&["drift"]).text(), @"
    exit 2
    --- stderr
    error: the rule `tabel cron.*` (`drift.ignore` in pgkeel.toml): `tabel` is no kind of object (`table`, `index`, `schema`, `function`, …)
    next: write it as `[kind ]schema.name[.part]`, as in `table cron.*` or `schema tmp_*`
    ");
    project.file("pgkeel.toml", "[drift]\nignroe = []\n");
    project.run(&["drift"]).exits(2);
}

#[test]
fn owners_and_grants_count_as_the_configuration_says() {
    let mut project = deployed(&[A]);
    let role = crate::support::role::Role::new(&mut project, "");
    project.sql(&format!("ALTER TABLE a OWNER TO {}; GRANT SELECT ON a TO PUBLIC", role.name));
    assert_eq!(known(&project), ["changed table public.a"]);
    project.file("pgkeel.toml", "[drift]\nprivileges = false\n");
    assert_eq!(known(&project), [""; 0]);
    project.file("pgkeel.toml", "[drift]\nprivileges = false\nowners = true\n");
    assert_eq!(known(&project), ["changed table public.a"]);
    drop(role);
}

#[test]
fn a_database_is_compared_with_anything_else() {
    let project = deployed(&[A]);
    project
        .file("schema.sql", "CREATE TABLE a (id int PRIMARY KEY); CREATE TYPE mood AS ENUM ('sad', 'ok');");
    let ran = project.run(&["drift", "--against", "schema.sql"]);
    assert!(ran.exits(6).stdout.contains("+ column public.a.note added"), "{}", ran.text());
    assert!(ran.stdout.contains("1 object differs from schema.sql"), "{}", ran.text());
    project.run(&["drift", "--against", "migrations"]).exits(0);
    let url = project.db.url.clone();
    project.run(&["drift", "--against", &url]).exits(0);
    project.run(&["drift", "--against", "nothing.sql"]).exits(2);
}

#[test]
fn what_was_renamed_by_hand_goes_back_by_a_rename() {
    let project = deployed(&[A]);
    project.sql("ALTER TABLE a RENAME note TO remark");
    let ran = project.run(&["drift", "--sql", "--rename", "a.note=remark"]);
    assert!(ran.exits(6).stdout.contains("RENAME COLUMN remark TO note"), "{}", ran.text());
    project.run(&["drift", "--sql", "--rename", "a.nothing=remark"]).exits(2);
}

#[cfg(feature = "fault-points")]
#[test]
fn while_a_deploy_runs_drift_says_so() {
    let project = deployed(&[A]);
    project.migration(B.0, B.1, B.2);
    let flag = project.root().join("flag");
    let mut command = project.command(&["deploy"]);
    command.env("PGKEEL_FAULT", format!("after-commit:{}", flag.display()));
    let mut deploy =
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap();
    poll::until(20, "the deploy stands", || flag.exists().then_some(()));
    let ran = project.run(&["drift"]);
    let says =
        "a run is changing `DB` (pid PID, role dev, application pgkeel deploy, client local, connected for ";
    assert!(ran.exits(7).text().contains(says), "{}", ran.text());
    project.run(&["status", "--check", "drift"]).exits(7);
    std::fs::remove_file(flag).unwrap();
    assert!(deploy.wait().unwrap().success());
    assert_eq!(known(&project), [""; 0]);
}
