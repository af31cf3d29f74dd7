//! `pgkeel diff` as a person types it.

use insta::assert_snapshot;

use crate::support::project::Project;
use crate::support::terminal::Terminal;

const OLD: &str = "CREATE TABLE users (id int PRIMARY KEY, name text, mail varchar(20));\n\
    CREATE VIEW names AS SELECT name FROM users;\n";
const NEW: &str = "CREATE TABLE users (id int PRIMARY KEY, full_name text, mail text NOT NULL);\n\
    CREATE VIEW names AS SELECT full_name AS name FROM users;\n\
    COMMENT ON TABLE users IS 'who may log in';\n";

fn project() -> Project {
    let project = Project::new();
    project.file("old.sql", OLD).file("new.sql", NEW).file("same.sql", OLD);
    project
}

#[test]
fn the_sql_from_one_to_the_other_goes_to_stdout() {
    let ran = project().run(&["diff", "old.sql", "new.sql", "--rename", "users.name=full_name"]);
    ran.exits(0);
    assert_snapshot!(ran.stdout, @"
    ALTER TABLE public.users RENAME COLUMN name TO full_name;

    COMMENT ON TABLE public.users IS 'who may log in';

    ALTER TABLE public.users ALTER COLUMN mail TYPE text;

    -- scan: every row of public.users is read while writers wait
    -- will-fail: fails if public.users.mail has NULLs
    ALTER TABLE public.users ALTER COLUMN mail SET NOT NULL;
    ");
}

/// Before PostgreSQL 16 a view names the table of its columns, also where there is one table only: it is wider.
fn in_one_style(summary: &str) -> String {
    let in_one_style = |line: &str| match line.split_once('│') {
        Some((one, other))
            if one.contains(" VIEW ") || one.contains(" SELECT ") || one.contains(" FROM ") =>
        {
            let both = format!("{} │ {}", one.trim(), other.trim());
            both.replace("SELECT users.", "SELECT ")
        }
        _ => line.to_owned(),
    };
    summary.lines().map(in_one_style).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_summary_shows_both_definitions_beside_each_other() {
    let ran = project().run(&["diff", "old.sql", "new.sql", "--summary", "--prove"]);
    ran.exits(0);
    assert_snapshot!(in_one_style(&ran.stdout), @"
    ~ table public.users changed (comment)
        + column public.users.full_name added
        ~ column public.users.mail changed (type, not_null)
        - column public.users.name removed
        CREATE TABLE public.users (                        │ CREATE TABLE public.users (
            id integer NOT NULL,                           │     id integer NOT NULL,
            name text,                                     │     full_name text,
            mail character varying(20),                    │     mail text NOT NULL,
            CONSTRAINT users_pkey PRIMARY KEY (id)         │     CONSTRAINT users_pkey PRIMARY KEY (id)
        );                                                 │ );
                                                           │ COMMENT ON TABLE public.users IS 'who may log in';

    ~ view public.names changed (definition)
    CREATE VIEW public.names AS │ CREATE VIEW public.names AS
    SELECT name │ SELECT full_name AS name
    FROM public.users; │ FROM public.users;

    old.sql → new.sql: 1 added, 1 removed, 3 changed; 6 statements
    scan: every row of public.users is read while writers wait
    will-fail: fails if public.users.mail has NULLs
    data-loss: the values of public.users.name; if it is the same under a new name, say `--rename 'column public.users.name=full_name'`
    proved: applied, undone and applied again; 2 rows in 1 table survived; the way back loses the values of public.users.full_name
    ");
}

#[test]
fn the_exit_status_tells_whether_they_differ() {
    let project = project();
    project.run(&["diff", "old.sql", "same.sql", "--exit-code"]).exits(0);
    project.run(&["diff", "old.sql", "new.sql", "--exit-code"]).exits(6);
    project.run(&["diff", "old.sql", "new.sql"]).exits(0);
    project.run(&["diff", "old.sql", "nowhere.sql", "--exit-code"]).exits(2);
}

#[test]
fn json_holds_differences_statements_and_their_hazards() {
    let json = project().run(&["diff", "old.sql", "new.sql", "--json"]).exits(0).json();
    assert_eq!(json["same"], false);
    let steps = json["steps"].as_array().unwrap();
    let hazards: Vec<&str> = steps
        .iter()
        .flat_map(|step| step["hazards"].as_array().unwrap())
        .map(|hazard| hazard["hazard"].as_str().unwrap())
        .collect();
    assert!(hazards.contains(&"data-loss") && hazards.contains(&"will-fail"), "{hazards:?}");
    let changed = |name: &str| {
        let all = json["differences"].as_array().unwrap();
        all.iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("{name}: {json}")).clone()
    };
    assert_eq!(changed("public.users.full_name")["change"], "added");
    assert_eq!(changed("public.users.mail")["attributes"][0]["name"], "type");
    assert_eq!(changed("public.users")["attributes"][0]["to"], "who may log in");
}

#[test]
fn a_wish_for_a_rename_that_means_nothing_is_refused() {
    let ran = project().run(&["diff", "old.sql", "new.sql", "--rename", "users.nam=full_name"]);
    ran.exits(2);
    assert!(ran.stderr.contains("`users.nam=full_name` names nothing"), "{}", ran.text());
}

#[test]
fn a_live_database_is_asked_what_is_lost_and_what_will_fail() {
    let project = project();
    project.sql(OLD).sql("INSERT INTO users VALUES (1, 'Ann', NULL), (2, 'Bo', 'b@x')");
    let url = project.url_text();
    let ran = project.run(&["diff", &url, "new.sql"]);
    ran.exits(0);
    assert!(ran.stdout.contains("the values of public.users.name (2 rows)"), "{}", ran.text());
    assert!(ran.stdout.contains("has NULLs; and there are such rows now"), "{}", ran.text());
    let ran = project.run(&["diff", &url, "old.sql", "--exit-code"]);
    ran.exits(0);
}

#[test]
fn online_forms_stand_outside_of_transactions() {
    let project = project();
    project.file("more.sql", format!("{OLD}CREATE INDEX by_name ON users (name);\nALTER TABLE users ADD CHECK (id > 0);\nALTER TABLE users ALTER mail SET NOT NULL;\n"));
    let ran = project.run(&["diff", "old.sql", "more.sql", "--online", "--prove"]);
    ran.exits(0);
    assert_snapshot!(ran.stdout, @"
    BEGIN;

    ALTER TABLE public.users ADD CONSTRAINT mail_pgkeel_not_null CHECK (mail IS NOT NULL) NOT VALID;

    COMMIT;

    BEGIN;

    -- will-fail: fails if public.users.mail has NULLs
    ALTER TABLE public.users VALIDATE CONSTRAINT mail_pgkeel_not_null;

    COMMIT;

    BEGIN;

    ALTER TABLE public.users ALTER COLUMN mail SET NOT NULL;

    COMMIT;

    BEGIN;

    ALTER TABLE public.users DROP CONSTRAINT mail_pgkeel_not_null;

    COMMIT;

    BEGIN;

    ALTER TABLE public.users ADD CONSTRAINT users_id_check CHECK ((id > 0)) NOT VALID;

    COMMIT;

    -- not-transactional: cannot be in a transaction
    CREATE INDEX CONCURRENTLY by_name ON public.users USING btree (name);

    BEGIN;

    -- will-fail: fails if rows of public.users break CHECK ((id > 0))
    ALTER TABLE public.users VALIDATE CONSTRAINT users_id_check;

    COMMIT;
    ");
}

#[test]
fn what_may_be_a_rename_is_told_and_a_comment_in_the_schema_says_it() {
    let project = project();
    let renamed = "CREATE TABLE users (id int PRIMARY KEY, full_name text -- renamed from: name\n, mail varchar(20));\n\
        CREATE VIEW names AS SELECT full_name AS name FROM users;\n";
    project.file("renamed.sql", renamed).file("unsaid.sql", renamed.replace("-- renamed from: name", ""));
    let ran = project.run(&["diff", "old.sql", "unsaid.sql"]);
    ran.exits(0);
    assert!(ran.stderr.contains("say `--rename 'column public.users.name=full_name'`"), "{}", ran.stderr);
    assert!(
        ran.stdout.contains("; if it is the same under a new name, say `--rename 'column"),
        "{}",
        ran.stdout
    );
    let ran = project.run(&["diff", "old.sql", "renamed.sql"]);
    ran.exits(0);
    assert_snapshot!(ran.stdout, @"ALTER TABLE public.users RENAME COLUMN name TO full_name;");
    // Where it has its new name already, the comment means nothing.
    project.run(&["diff", "renamed.sql", "unsaid.sql", "--exit-code"]).exits(0);
    let json = project.run(&["diff", "old.sql", "unsaid.sql", "--json"]);
    assert!(json.stdout.contains("\"wish\": \"column public.users.name=full_name\""), "{}", json.stdout);
}

#[test]
fn a_person_is_asked_whether_it_is_a_rename() {
    let project = Project::new();
    project
        .file("old.sql", "CREATE TABLE t (a int, b text);")
        .file("new.sql", "CREATE TABLE t (c int, b text);");
    for (answer, wanted) in [("y", "RENAME COLUMN a TO c"), ("n", "DROP COLUMN a")] {
        let mut terminal = Terminal::start(project.command(&["diff", "old.sql", "new.sql"]));
        terminal.sees("Is column public.t.c the same as column public.t.a before? [y/N]").types(answer);
        let (shown, code) = terminal.ends();
        assert!(shown.contains(wanted) && code == 0, "{answer}: {shown}");
    }
}
