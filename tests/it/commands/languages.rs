//! A server that speaks German: nothing is decided by its words.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

use diesel::connection::SimpleConnection;
use insta::assert_snapshot;
use pgkeel::pg::cluster::SERVER_VERSIONS;
use pgkeel::pg::tools::{Search, Tools, sibling};
use tempfile::TempDir;

use crate::support::cluster::{PrivateCluster, private_cluster_with, variable};
use crate::support::project::Project;

const NOTE: (&str, &str, &str) = ("20260101000000_note", "CREATE TABLE note (id int);", "DROP TABLE note;");

/// A server whose messages are German, and the folder of its locale.
struct German {
    cluster: PrivateCluster,
    _locale: TempDir,
}

impl German {
    fn start() -> Self {
        let dir = TempDir::with_prefix("pgkeel-german-").unwrap();
        // When we are root, the server is another user, who must read the locale.
        std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        compile_locale(&dir.path().join("de_DE.UTF-8"));
        let bin = programs(dir.path());
        let cluster = private_cluster_with(|spec| {
            spec.search.pg_bin = Some(bin);
            spec.settings.push(("lc_messages".to_owned(), "de_DE.UTF-8".to_owned()));
        });
        let said = cluster.connect("postgres").batch_execute("SELECT 1/0").unwrap_err().to_string();
        // Images that leave translations out lack the catalog.
        assert!(
            said.contains("Division durch Null"),
            "the server has no German catalog (postgres-*.mo): {said}"
        );
        Self { cluster, _locale: dir }
    }

    /// A project whose database is in this server.
    fn project(&self, name: &str) -> Project {
        self.cluster.connect("postgres").batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
        let mut project = Project::with_migrations(&[NOTE]);
        project.shows(
            &format!("{}:{}", self.cluster.running.socket_dir().display(), self.cluster.running.port()),
            "SOCKET",
        );
        project.shows(&self.cluster.running.socket_dir().display().to_string(), "SOCKET");
        project.shows(&self.cluster.running.port().to_string(), "PORT");
        project.connect_to(&self.cluster.running.url(name));
        project
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the system's own program, with nothing secret in its arguments"
)]
fn compile_locale(target: &Path) {
    let missing =
        "a server that speaks German needs the sources of the locale de_DE: apt-get install locales";
    let mut localedef = Command::new("localedef");
    let output = localedef.args(["-i", "de_DE", "-f", "UTF-8"]).arg(target).output().expect(missing);
    assert!(output.status.success(), "{missing}\n{}", String::from_utf8_lossy(&output.stderr));
}

/// PostgreSQL's programs again, with a server that finds the locale: it is started with an empty environment.
fn programs(dir: &Path) -> std::path::PathBuf {
    let server = Tools::find(&installed(), "postgres", SERVER_VERSIONS).unwrap();
    let bin = dir.join("bin");
    std::fs::create_dir(&bin).unwrap();
    for program in ["initdb", "psql", "pg_ctl"] {
        symlink(sibling(&server.path, program).unwrap(), bin.join(program)).unwrap();
    }
    let script = format!("#!/bin/sh\nLOCPATH='{}' exec '{}' \"$@\"\n", dir.display(), server.path.display());
    std::fs::write(bin.join("postgres"), script).unwrap();
    std::fs::set_permissions(bin.join("postgres"), std::fs::Permissions::from_mode(0o755)).unwrap();
    bin
}

#[test]
fn what_a_german_server_says_is_sorted_as_it_would_be_in_english() {
    let german = German::start();
    refusals(&german);
    a_lock_timeout_is_tried_again(&german);
}

fn refusals(german: &German) {
    let mut project = german.project("laden");

    let tcp = german.cluster.running.tcp_url("laden").unwrap();
    let (head, tail) = tcp.split_once('@').unwrap();
    project.connect_to(&format!("{}:falsch@{tail}", head.rsplit_once(':').unwrap().0));
    assert_snapshot!(project.run(&["deploy"]).text(), @"
    exit 8
    --- stderr
    tried postgres://dev:****@127.0.0.1:PORT/laden (`DATABASE_URL` in the environment)
    error: cannot connect to postgres://dev:****@127.0.0.1:PORT/laden: Passwort-Authentifizierung f?r Benutzer >>dev<< fehlgeschlagen (SQLSTATE 28P01)
    next: check user and password in DATABASE_URL, and pg_hba.conf on the server
    ");

    project.connect_to(&german.cluster.running.url("fehlt"));
    assert_snapshot!(project.run(&["deploy"]).text(), @"
    exit 8
    --- stderr
    tried postgres://dev@/fehlt?host=SOCKET&port=PORT (`DATABASE_URL` in the environment)
    error: cannot connect to postgres://dev@/fehlt?host=SOCKET&port=PORT: Datenbank >>fehlt<< existiert nicht (SQLSTATE 3D000)
    next: `pgkeel migrate` creates it where the role may; else: CREATE DATABASE
    ");
    // Which database is missing is known without reading German: `migrate` makes it.
    project.run(&["migrate"]).exits(0);

    project.connect_to(&german.cluster.running.url("laden"));
    project.run(&["deploy"]).exits(0);
    project.migration("20260102000000_falsch", "SELECT 1;\nINSERT INTO notiz VALUES (1);", "SELECT 1;");
    assert_snapshot!(project.run(&["deploy"]).text(), @"
    exit 1
    --- stderr
    database `laden` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: migration `20260102000000_falsch` could not be applied
      migrations/20260102000000_falsch/up.sql:2:13
        |
      2 | INSERT INTO notiz VALUES (1);
        |             ^
      Relation »notiz« existiert nicht (SQLSTATE 42P01)
      the database now: rolled back, nothing of this migration stays
    next: mend migrations/20260102000000_falsch/up.sql, then `pgkeel deploy`
    ");
    project.remove("migrations/20260102000000_falsch");
    assert_snapshot!(project.run(&["execute", "--read-only", "--sql", "DELETE FROM note"]).text(), @"
    exit 1
    --- stderr
    database `laden` on SOCKET as `dev` (`DATABASE_URL` in the environment)
    error: the SQL failed
      --sql:1:1
        |
      1 | DELETE FROM note
        | ^
      DELETE kann nicht in einer Read-Only-Transaktion ausgeführt werden (SQLSTATE 25006)
      the database now: unchanged
    next: leave `--read-only` out if the write is meant
    ");

    let other = german.cluster.connect("laden");
    let reset = project.run(&["reset", "--yes"]);
    assert!(reset.exits(1).stderr.contains("other sessions use the database: pid "), "{}", reset.text());
    drop(other);
    project.run(&["reset", "--yes"]).exits(0);

    german.cluster.connect("laden").batch_execute("CREATE ROLE gast LOGIN PASSWORD 'gast'").unwrap();
    project.connect_to(&format!("postgresql://gast:gast@{tail}"));
    assert_snapshot!(project.run(&["status"]).text(), @"
    exit 1
    --- stderr
    tried postgres://gast:****@127.0.0.1:PORT/laden (`DATABASE_URL` in the environment)
    error: keine Berechtigung für Tabelle __diesel_schema_migrations (SQLSTATE 42501)
    next: the role lacks a right: connect as the owner, or ask for the GRANT
    ");
}

fn a_lock_timeout_is_tried_again(german: &German) {
    let project = german.project("zweiter_laden");
    project.run(&["deploy"]).exits(0);
    project.migration(
        "20260102000000_breit",
        "SET LOCAL lock_timeout = '50ms'; ALTER TABLE note ADD COLUMN text text;",
        "SELECT 1;",
    );
    let mut reader = german.cluster.connect("zweiter_laden");
    reader.batch_execute("BEGIN; SELECT * FROM note").unwrap();
    let mut deploy =
        project.command(&["deploy"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let told: Vec<String> = BufReader::new(deploy.stderr.take().unwrap())
        .lines()
        .map(|line| line.unwrap())
        .inspect(|line| {
            if line.contains("trying again") {
                reader.batch_execute("ROLLBACK").unwrap();
            }
        })
        .collect();
    assert!(told.iter().any(|line| line.contains("Zeitüberschreitung")), "{told:?}");
    assert!(deploy.wait().unwrap().success(), "{told:?}");
    project.run(&["status"]).exits(0);
}

/// The system's own server, whatever TEST_PG_BIN says: servers from elsewhere seldom speak German.
fn installed() -> Search {
    Search { pg_bin: None, path: variable("PATH") }
}
