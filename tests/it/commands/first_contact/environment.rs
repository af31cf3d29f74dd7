//! .env files and libpq's variables: they mean the database that their author meant, or are an error.

use insta::assert_snapshot;

use crate::support::project::Project;

#[test]
fn what_a_dot_env_cannot_expand_is_an_error_and_never_another_database() {
    let project = Project::new().url("");
    let url = project.db.url.replace(&project.db.name, "$DB_NAME");
    project.file(".env", format!("DB_NAME={}\nDATABASE_URL={url}\n", project.db.name));
    project.run(&["status"]).exits(0);
    project.file(".env", format!("DATABASE_URL={url}\n"));
    assert_snapshot!(project.run(&["status"]).text(), @"
    exit 2
    --- stderr
    error: .env:1: `DATABASE_URL` cannot be expanded: it uses a variable after `$`, which is set neither in the environment nor above in the file. Set that variable, or put the value into single quotes if the `$` belongs to it.
    ");
    let braces = url.replace("$DB_NAME", "${DB_NAME}");
    project.file(".env", format!("DATABASE_URL=\"{braces}\"\n"));
    assert!(project.run(&["status"]).exits(2).stderr.contains("it uses `${DB_NAME}`"));
    let default = url.replace("$DB_NAME", &format!("${{DB_NAME:-{}}}", project.db.name));
    project.file(".env", format!("DATABASE_URL={default}\n"));
    project.run(&["status"]).exits(0);
    // The application's own variables are not ours to judge.
    project.file(".env", format!("SECRET=a$b\nDATABASE_URL={}\n", project.db.url));
    project.run(&["status"]).exits(0);
}

#[test]
fn of_two_lines_the_first_counts_and_a_warning_names_both() {
    let project = Project::new().url("");
    project.file(
        ".env",
        format!("DATABASE_URL={}\nDATABASE_URL=postgres://nowhere.invalid/x\n", project.db.url),
    );
    assert_snapshot!(project.run(&["status"]).text(), @"
    exit 0
    --- stdout
    DB: there are no migrations
    --- stderr
    warning: .env sets `DATABASE_URL` in line 1 and again in line 2: the first counts, as for applications that load the file.
    database `DB` on SOCKET as `dev` (`DATABASE_URL` in .env)
    ");
}

/// A variable for each parameter of libpq's that would keep us from any server.
const HOSTILE: [(&str, &str); 10] = [
    ("PGHOST", "nowhere.invalid"),
    ("PGHOSTADDR", "192.0.2.1"),
    ("PGPORT", "1"),
    ("PGUSER", "mallory"),
    ("PGDATABASE", "elsewhere"),
    ("PGSERVICE", "none"),
    ("PGOPTIONS", "-c no.such=1 -c bad"),
    ("PGSSLMODE", "verify-full"),
    ("PGTARGETSESSIONATTRS", "standby"),
    ("PGCHANNELBINDING", "require"),
];

#[test]
fn the_shells_variables_do_not_reach_the_dev_cluster() {
    let mut project =
        Project::with_migrations(&[("20260101000000_a", "CREATE TABLE a (id int);", "DROP TABLE a;")]);
    project.connect_to("");
    for (name, value) in HOSTILE {
        project.set(name, value);
    }
    let ran = project.run(&["migrate"]);
    let line = "(nothing else is configured; `PGHOST`, `PGHOSTADDR`, `PGPORT`, `PGDATABASE`, `PGSERVICE` are not used without a URL)";
    assert!(ran.exits(0).stderr.contains(line), "{}", ran.text());
    for command in ["status", "validate", "drift"] {
        project.run(&[command]).exits(0);
    }
    project.run(&["reset", "--yes"]).exits(0);
    project.run(&["dev", "stop"]).exits(0);
}

#[test]
fn they_complete_a_url_and_the_line_says_so() {
    let mut project = Project::new();
    let name = project.db.name.clone();
    let (rest, port) =
        project.db.url.rsplit_once("&port=").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    project.connect_to(&rest.replace(&name, ""));
    project.set("PGPORT", &port);
    project.set("PGDATABASE", &name);
    let ran = project.run(&["status"]);
    assert!(
        ran.exits(0).stderr.contains("(`DATABASE_URL` in the environment, completed by PGPORT, PGDATABASE)"),
        "{}",
        ran.text()
    );
}

#[test]
fn an_empty_variable_is_named_where_it_decides() {
    let mut project = Project::new();
    project.connect_to("");
    project.file(".env", format!("DATABASE_URL={}\n", project.db.url));
    project.set("DATABASE_URL", "");
    assert_snapshot!(project.run(&["deploy"]).text(), @"
    exit 2
    --- stderr
    error: No database is configured (`DATABASE_URL` in the environment is empty), and this command does not fall back to the dev cluster. Set DATABASE_URL, or give `--dev` for the project's own dev cluster.
    ");
}

#[test]
fn the_shells_variables_choose_no_shadow_database() {
    let mut project =
        Project::with_migrations(&[("20260101000000_a", "CREATE TABLE a (id int);", "DROP TABLE a;")]);
    let victim = Project::new();
    victim.sql("CREATE TABLE precious (id int)");
    let url = project.db.url.replace(&project.db.name, "");
    project.set("SHADOW_DATABASE_URL", &url);
    project.set("PGDATABASE", &victim.db.name);
    project.run(&["validate"]);
    assert_eq!(victim.number("SELECT count(*) FROM pg_class WHERE relname = 'precious'"), 1);
}
