//! A project with a migration of each kind, and what must hold after whatever happened to a run.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::{Child, Stdio};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

use crate::support::cluster::{number, words};
use crate::support::poll;
use crate::support::project::{Project, Ran};

pub(super) const PLAIN: &str = "20260101000000";
pub(super) const STEPS: &str = "20260102000000";
pub(super) const LARGE: &str = "20260103000000";

/// Every migration writes into `log`, which has no key: what runs twice is there twice.
const STEPS_UP: &str = "INSERT INTO log VALUES ('steps 1');
CREATE INDEX CONCURRENTLY log_entry ON log (entry);
INSERT INTO log VALUES ('steps 3');
VACUUM log;
";

/// How much the last migration holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Size {
    /// One message.
    Small,
    /// More than a message holds.
    Large,
}

/// The last migration. What is read again and again costs time, so it is large only where that matters.
fn last(size: Size) -> String {
    let mut text =
        String::from("CREATE TABLE large (id int, text text);\nINSERT INTO log VALUES ('large');\n");
    let filler = "x".repeat(if size == Size::Large { 4_000 } else { 1 });
    for id in 0..300 {
        writeln!(text, "INSERT INTO large VALUES ({id}, '{filler}');").unwrap();
    }
    text
}

/// The project and its database.
pub(super) struct Shop {
    pub(super) project: Project,
    pub(super) url: String,
}

impl Shop {
    /// In the server of all tests.
    pub(super) fn new(size: Size) -> Self {
        let project = Project::new();
        let url = project.db.url.clone();
        Self::prepared(project, url, size)
    }

    /// In another server.
    pub(super) fn at(url: String, size: Size) -> Self {
        Self::prepared(Project::new().url(&url), url, size)
    }

    fn prepared(project: Project, url: String, size: Size) -> Self {
        project
            .migration(
                &format!("{PLAIN}_plain"),
                "CREATE TABLE plain (id int); INSERT INTO log VALUES ('plain');",
                "DROP TABLE plain;",
            )
            .migration(&format!("{STEPS}_steps"), STEPS_UP, "DROP INDEX log_entry;")
            .file(&format!("migrations/{STEPS}_steps/metadata.toml"), "run_in_transaction = false\n")
            .migration(&format!("{LARGE}_large"), &last(size), "DROP TABLE large;");
        let shop = Self { project, url };
        shop.sql("CREATE TABLE log (entry text)");
        shop
    }

    /// The server has moved.
    pub(super) fn moved_to(&mut self, url: String) {
        self.project.connect_to(&url);
        self.url = url;
    }

    pub(super) fn connect(&self) -> PgConnection {
        PgConnection::establish(&self.url).unwrap()
    }

    pub(super) fn sql(&self, sql: &str) {
        self.connect().batch_execute(sql).unwrap();
    }

    pub(super) fn number(&self, sql: &str) -> i64 {
        number(&mut self.connect(), &format!("SELECT ({sql})::bigint AS value"))
    }

    pub(super) fn words(&self, sql: &str) -> String {
        words(&mut self.connect(), &format!("SELECT coalesce(({sql})::text, '') AS value"))
    }

    /// The file that says that a run stands at its point.
    pub(super) fn flag(&self) -> PathBuf {
        self.project.root().join("fault")
    }

    /// A deploy that stops at this point.
    pub(super) fn start_to(&self, point: &str) -> Child {
        let fault = format!("{point}:{}", self.flag().display());
        self.project
            .command(&["deploy"])
            .env("PGKEEL_FAULT", fault)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Wait until the run stands at its point.
    pub(super) fn stands(&self, point: &str) {
        poll::until(20, point, || self.flag().exists().then_some(()));
    }

    /// After a fault: no lock stays, `status` tells the truth, the next run finishes, nothing ran twice.
    #[track_caller]
    pub(super) fn recovers(&self, what: &str) -> Ran {
        self.forgets(what);
        self.status_tells_the_truth(what);
        let ran = self.project.run(&["deploy", "--lock-wait", "5s"]);
        assert_eq!(ran.code, 0, "{what}: {}", ran.text());
        self.is_finished(what);
        ran
    }

    /// No session holds an advisory lock in this database.
    #[track_caller]
    pub(super) fn forgets(&self, what: &str) {
        let mut watcher = self.connect();
        let held = "SELECT count(*) AS value FROM pg_locks WHERE locktype = 'advisory' \
                    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
        poll::until(10, &format!("{what}: the lock is let go"), || {
            (number(&mut watcher, held) == 0).then_some(())
        });
    }

    /// What `status` says is what the catalog says.
    #[track_caller]
    fn status_tells_the_truth(&self, what: &str) {
        let status = self.project.run(&["status", "--json"]);
        assert!([0, 4, 5].contains(&status.code), "{what}: {}", status.text());
        let json = status.json();
        let entry = |version: &str| {
            let mut all = json["migrations"].as_array().unwrap().iter();
            all.find(|entry| entry["version"] == version).unwrap_or_else(|| panic!("{what}: {json}")).clone()
        };
        let state = |version: &str| entry(version)["state"].as_str().unwrap().to_owned();
        let logged = |entry: &str| self.number(&format!("SELECT count(*) FROM log WHERE entry = '{entry}'"));
        let expected = |there: i64| if there == 1 { "applied" } else { "pending" };
        assert_eq!(state(PLAIN), expected(logged("plain")), "{what}: {json}");
        assert_eq!(state(LARGE), expected(logged("large")), "{what}: {json}");
        // What is not in the log has not run; what is in it has run.
        let index = self.number("SELECT count(*) FROM pg_index WHERE indexrelid = to_regclass('log_entry')");
        match (state(STEPS).as_str(), logged("steps 1"), index, logged("steps 3")) {
            ("pending", 0, 0, 0) | ("applied", 1, 1, 1) => {}
            ("partial", first, index, third) => {
                let note = entry(STEPS)["note"].as_str().unwrap_or_default().to_owned();
                let said = note.rsplit(' ').find_map(|word| word.parse::<i64>().ok()).unwrap_or(0);
                // A statement that no transaction can hold may have finished without its record.
                let true_ones = match (first, index, third) {
                    (0, 0, 0) => 0..=0,
                    (1, 0, 0) => 1..=1,
                    (1, 1, 0) => 1..=2,
                    (1, 1, 1) => 3..=4,
                    other => panic!("{what}: {other:?} of a script in order"),
                };
                assert!(true_ones.contains(&said), "{what}: `{note}` of {true_ones:?}");
            }
            other => panic!("{what}: {other:?}: {json}"),
        }
        let agree = "SELECT NOT EXISTS (SELECT version FROM __diesel_schema_migrations EXCEPT \
                     SELECT version FROM pgkeel.migration WHERE state = 'applied') \
                     AND NOT EXISTS (SELECT version FROM pgkeel.migration WHERE state = 'applied' EXCEPT \
                     SELECT version FROM __diesel_schema_migrations)";
        let there = self.number("SELECT count(to_regclass('pgkeel.migration')) + count(to_regclass('__diesel_schema_migrations'))");
        if there == 2 {
            assert_eq!(self.words(agree), "true", "{what}: the two ledgers disagree");
        }
    }

    /// Everything ran once, and both ledgers say so.
    #[track_caller]
    pub(super) fn is_finished(&self, what: &str) {
        let log = self.words("SELECT string_agg(entry, ', ' ORDER BY entry) FROM log");
        assert_eq!(log, "large, plain, steps 1, steps 3", "{what}");
        let all = [PLAIN, STEPS, LARGE].join(" ");
        let versions = |table: &str| {
            self.words(&format!("SELECT string_agg(version, ' ' ORDER BY version) FROM {table}"))
        };
        assert_eq!(versions("__diesel_schema_migrations"), all, "{what}");
        assert_eq!(versions("pgkeel.migration WHERE state = 'applied'"), all, "{what}");
        assert_eq!(self.number("SELECT count(*) FROM pg_index WHERE NOT indisvalid"), 0, "{what}");
        assert_eq!(self.number("SELECT count(*) FROM large"), 300, "{what}");
        self.project.run(&["status"]).exits(0);
        self.forgets(what);
    }
}

/// Exit code (`None`: a signal), stdout and stderr.
pub(super) fn ended(child: Child) -> (Option<i32>, String, String) {
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}
