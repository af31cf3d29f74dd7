//! A password is never shown: not by any command, in any form of URL, from any place, on success or on failure.

use crate::support::project::Project;
use crate::support::role::Role;

/// Percent-encoded it is another text, of which the same pieces must not be found.
const CANARY: &str = "hunter2-canary+1%/@:&";
const CANARY_ENCODED: &str = "hunter2%2Dcanary%2B1%25%2F%40%3A%26";

const COMMANDS: &[&[&str]] = &[
    &["config"],
    &["deploy"],
    &["deploy", "--dry-run"],
    &["migrate"],
    &["status"],
    &["env", "show"],
    &["env", "set", "development"],
    &["seed"],
    &["seed", "--list"],
    &["execute", "--sql", "SELECT 1"],
    &["resolve", "--applied", "20260109000000"],
    &["health"],
    &["rollback", "--yes"],
    &["reset", "--yes"],
    &["reset", "--dry-run"],
    &["reset"],
    &["dev", "status"],
    &["init"],
];

/// Where the configuration itself cannot be used, all commands say the same.
const FEW: &[&[&str]] = &[&["config"], &["deploy"]];

fn project() -> Project {
    let project = Project::with_migrations(&[(
        "20260101000000_note",
        "CREATE TABLE note (id int);",
        "DROP TABLE note;",
    )]);
    project.file("seeds/10_note.sql", "INSERT INTO note VALUES (1);");
    project
}

/// Run these commands in every manner; none may show a piece of the password.
#[track_caller]
fn nobody_tells(project: &Project, commands: &[&[&str]], what: &str) {
    for command in commands {
        // An error is told in words also beside JSON.
        let manners = if commands == FEW {
            &[&["--json", "-v"]][..]
        } else {
            &[&["--color=never", "-v"], &["--json", "-v"]]
        };
        for manner in manners {
            let arguments: Vec<_> = command.iter().chain(*manner).copied().collect();
            let ran = project.run(&arguments);
            for stream in [&ran.stdout, &ran.stderr] {
                let lower = stream.to_lowercase();
                assert!(
                    !lower.contains("hunter2") && !lower.contains("canary"),
                    "{what}: {arguments:?}: {stream}"
                );
            }
        }
    }
}

/// Forms of a URL with the password in it, for a server that refuses it or is not there.
fn forms(address: &str, database: &str) -> Vec<String> {
    let (host, port) = address.split_once(':').unwrap();
    vec![
        format!("postgres://app:{CANARY_ENCODED}@{address}/{database}"),
        format!(
            "postgresql://{address}/{database}?user=app&password={CANARY_ENCODED}&schema=public&connection_limit=2"
        ),
        format!("host={host} port={port} user=app password='{CANARY}' dbname={database}"),
        format!("postgres://app:{CANARY_ENCODED}@nowhere.invalid,{host}:{port},{port}/{database}"),
        // Mistakes, which are told without quoting what may be a piece of the password.
        format!("postgres://app:{CANARY}@{address}/{database}"),
        format!("postgres://app:{CANARY}@{address}/{database}?ssl_mode=require"),
        format!("mysql://app:{CANARY_ENCODED}@{address}/{database}"),
        format!("postgresql+asyncpg://app:{CANARY_ENCODED}@{address}/{database}"),
        format!("'postgres://app:{CANARY_ENCODED}@{address}/{database}'"),
        format!("host={host} user=app password={CANARY} x dbname={database}"),
        format!("host={host} pasword={CANARY} dbname={database}"),
        CANARY.to_owned(),
    ]
}

#[test]
fn no_form_of_a_url_in_the_environment_is_told_with_its_secret() {
    let mut project = project();
    let refused = format!("postgres://app:{CANARY_ENCODED}@{}/{}", project.db.tcp_address(), project.db.name);
    project.connect_to(&refused);
    nobody_tells(&project, COMMANDS, "a password that the server refuses");
    for url in forms(project.db.tcp_address(), &project.db.name) {
        project.connect_to(&url);
        nobody_tells(&project, FEW, &url);
    }
}

#[test]
fn neither_env_files_nor_pgkeel_toml_are_told_with_their_secrets() {
    let project = project();
    let here = project.db.url.clone();
    let forms = forms(project.db.tcp_address(), &project.db.name);
    let project = project.url("");
    for url in [&forms[0], &forms[4], &CANARY.to_owned()] {
        let quoted = url.replace('\'', "''");
        project.file(".env", format!("DATABASE_URL=\"{url}\"\nDIRECT_URL=\"{url}\"\n"));
        nobody_tells(&project, FEW, &format!(".env with {url}"));
        project.file(".env.local", "DATABASE_URL=postgres://app:hunter2-canary-2@127.0.0.1:1/x\n");
        nobody_tells(&project, FEW, "two files that disagree");
        project
            .remove(".env.local")
            .file(".env", format!("PGKEEL_ENV=staging\nDATABASE_URL={here}\nDIRECT_URL='{quoted}'\n"));
        nobody_tells(&project, FEW, &format!("DIRECT_URL {url}"));
        project.remove(".env");
        for key in ["url", "direct_url", "shadow_url", "bad"] {
            let text = toml::Value::from(url.as_str());
            project.file(
                "pgkeel.toml",
                format!("default_environment = \"staging\"\n[environments.staging]\n{key} = {text}\n"),
            );
            nobody_tells(&project, FEW, &format!("{key} in pgkeel.toml: {url}"));
        }
        project.remove("pgkeel.toml");
    }
    project.file(".env", format!("DATABASE_URL={CANARY} and more\n"));
    nobody_tells(&project, FEW, "a line that is none");
}

#[test]
fn what_a_url_command_prints_is_not_told() {
    let project = project();
    let forms = forms(project.db.tcp_address(), &project.db.name);
    let project = project.url("");
    for url in [&forms[0], &forms[4], &CANARY.to_owned()] {
        project.file("printed", url);
        for command in ["cat printed", "cat printed; exit 3"] {
            let toml = format!(
                "default_environment = \"staging\"\n[environments.staging]\nurl_command = \"{command}\"\n"
            );
            project.file("pgkeel.toml", toml);
            nobody_tells(&project, FEW, &format!("{command}: {url}"));
        }
    }
}

#[test]
fn a_right_password_is_not_told_either_and_stands_in_no_command_line() {
    let mut project = project();
    let role = Role::with_password(&mut project, "CREATEDB", "hunter2-canary-7");
    project.sql(&format!("ALTER DATABASE {} OWNER TO {}", project.db.name, role.name));
    project.connect_as(&role);
    // What a seed command sees of all processes, itself and its parents included.
    let script = "for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline; echo; done >argv 2>/dev/null; test -n \"$DATABASE_URL\"";
    project.file("seeds.sh", script);
    project.file("pgkeel.toml", "[seed]\ncommand = [\"sh\", \"seeds.sh\"]\n");
    project.run(&["migrate"]).exits(0);
    project.run(&["seed"]).exits(0);
    let argv = std::fs::read_to_string(project.root().join("argv")).unwrap();
    assert!(argv.contains(&format!("{} seed", crate::support::project::PGKEEL)), "{argv}");
    assert!(argv.contains("sh seeds.sh") && !argv.contains("canary-7"), "{argv}");
    nobody_tells(&project, COMMANDS, "the right password");
    project.run(&["status"]).exits(0);
    // An operation's record holds the command and no arguments.
    assert_eq!(project.number("SELECT count(*) FROM pgkeel.operation o WHERE o::text LIKE '%canary%'"), 0);
    let flag = project.run(&["status", "-v", "--database-url", &role.url()]);
    assert!(
        !flag.exits(0).stderr.contains("canary") && flag.stderr.contains("--database-url"),
        "{}",
        flag.text()
    );
}
