//! PostgreSQL's own programs as we run them: nobody sees the password, no name is taken for something else, and they end
//! when they are told to.

use diesel::connection::SimpleConnection;
use pgkeel::pg::interrupt::Interrupt;
use pgkeel::pg::tools::client::{Client, ClientError};
use pgkeel::pg::tools::{Program, Tools, Wanted};
use pgkeel::pg::url::DatabaseUrl;

use crate::support::cluster::{TestDb, search};
use crate::support::poll;
use crate::support::project::Project;
use crate::support::role::Role;

fn program(db: &TestDb, name: &str) -> Program {
    let version = crate::support::cluster::number(
        &mut db.connect(),
        "SELECT current_setting('server_version_num')::bigint / 10000 AS value",
    );
    Tools::find(&search(), name, Wanted::AtLeast(u32::try_from(version).unwrap())).unwrap()
}

fn client<'a>(
    program: &'a Program,
    url: &'a DatabaseUrl,
    interrupt: &'a Interrupt,
    arguments: &[&str],
) -> Client<'a> {
    Client {
        program,
        url: Some(url),
        arguments: arguments.iter().map(Into::into).collect(),
        options: None,
        application_name: "pgkeel test",
        interrupt,
    }
}

#[test]
fn a_password_with_awkward_characters_arrives_and_is_in_nobodys_arguments_or_environment() {
    let mut project = Project::new();
    let password = r"a:b\c=d";
    let role = Role::with_password(&mut project, "", password);
    let url = role.url().replace(password, "a%3Ab%5Cc%3Dd");
    let url = DatabaseUrl::parse(&url).unwrap().with_param("sslpassword", "canary-2").unwrap();
    let (psql, interrupt) = (program(&project.db, "psql"), Interrupt::default());
    let sleeper = client(&psql, &url, &interrupt, &["-X", "-At", "-c", "SELECT session_user, pg_sleep(1)"]);
    let mut running = sleeper.start().unwrap();
    let at = |file: &str| std::fs::read(format!("/proc/{}/{file}", running.pid())).unwrap_or_default();
    let busy =
        format!("SELECT count(*) FROM pg_stat_activity WHERE usename = '{}' AND state = 'active'", role.name);
    poll::until(10, "the program is connected", || {
        assert_eq!(running.said(), Vec::<String>::new());
        (project.number(&busy) == 1).then_some(())
    });
    for file in ["cmdline", "environ"] {
        let text = String::from_utf8_lossy(&at(file)).into_owned();
        if cfg!(target_os = "linux") {
            assert!(
                !text.is_empty() && !text.contains(password) && !text.contains(r"a\:b"),
                "{file}: {text}"
            );
        }
    }
    running.wait(&mut || {}).unwrap();
}

#[test]
fn a_database_name_is_never_taken_for_a_connection_string() {
    let project = Project::new();
    for name in ["dbname=postgres", "a 'b' \\c", "postgres://nowhere/x", "-d", "Ω\"q\""] {
        let (_, unique) = project.db.name.rsplit_once('_').unwrap();
        let name = format!("{name} {unique}");
        let quoted = format!("\"{}\"", name.replace('"', "\"\""));
        project.db.connect().batch_execute(&format!("CREATE DATABASE {quoted} TEMPLATE template0")).unwrap();
        let url = DatabaseUrl::parse(&project.db.url).unwrap().with_database(&name);
        let interrupt = Interrupt::default();
        for (tool, arguments) in [
            ("psql", &["-X", "-At", "-c", "SELECT current_database()"][..]),
            ("pg_dump", &["--schema-only", "--create"]),
        ] {
            let found = client(&program(&project.db, tool), &url, &interrupt, arguments).output();
            let text = String::from_utf8(found.unwrap()).unwrap();
            // pg_dump writes quotes twice, as SQL has them.
            assert!(
                text.contains(&name) || text.contains(&name.replace('"', "\"\"")),
                "{tool} {name}: {text}"
            );
        }
        project.db.connect().batch_execute(&format!("DROP DATABASE {quoted}")).unwrap();
    }
}

#[test]
fn what_a_program_says_is_in_its_error() {
    let db = TestDb::new();
    let url = DatabaseUrl::parse(&db.url).unwrap();
    let (psql, interrupt) = (program(&db, "psql"), Interrupt::default());
    let error =
        client(&psql, &url, &interrupt, &["-X", "-v", "ON_ERROR_STOP=1", "-c", "SELECT * FROM nowhere"])
            .run();
    let ClientError::Failed { program, status, said } = error.unwrap_err() else { panic!("it must fail") };
    assert_eq!((program.as_str(), status.code()), ("psql", Some(1)));
    assert!(said.join("\n").contains("nowhere"), "{said:?}");
}

#[test]
fn an_interrupt_ends_the_program_and_its_work_on_the_server() {
    let db = TestDb::new();
    let url = DatabaseUrl::parse(&db.url).unwrap().with_param("application_name", "pgkeel sleeper").unwrap();
    let (psql, interrupt) = (program(&db, "psql"), Interrupt::default());
    let busy = "SELECT count(*) AS value FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' \
                AND query LIKE '%pg_sleep(600)' AND pid <> pg_backend_pid()";
    let active = |db: &TestDb| crate::support::cluster::number(&mut db.connect(), busy);
    let raised = interrupt.clone();
    let (seen, ended) = std::thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            poll::until(10, "it works", || (active(&db) == 1).then_some(()));
            raised.raise();
        });
        let ended = client(&psql, &url, &interrupt, &["-X", "-c", "SELECT pg_sleep(600)"]).run();
        (watcher.join(), ended)
    });
    seen.unwrap();
    assert!(matches!(ended, Err(ClientError::Interrupted { .. })), "{ended:?}");
    poll::until(10, "its work on the server ends", || (active(&db) == 0).then_some(()));
}

#[test]
fn a_program_that_is_dropped_is_gone() {
    let db = TestDb::new();
    let url = DatabaseUrl::parse(&db.url).unwrap();
    let (psql, interrupt) = (program(&db, "psql"), Interrupt::default());
    let running = client(&psql, &url, &interrupt, &["-X", "-c", "SELECT pg_sleep(600)"]).start().unwrap();
    let pid = nix::unistd::Pid::from_raw(i32::try_from(running.pid()).unwrap());
    drop(running);
    assert_eq!(nix::sys::signal::kill(pid, None), Err(nix::errno::Errno::ESRCH));
}
