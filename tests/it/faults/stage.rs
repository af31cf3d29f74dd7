//! A shop with a backup, changed since then: the old database and the new one, told apart by all of their rows, and what
//! must hold whatever happened to a restore.

use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::result::{DatabaseErrorKind, Error};
use diesel::sql_types::Text;
use diesel::{Connection, PgConnection, RunQueryDsl};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use pgkeel::engine::backup::name::folder_of;
use pgkeel::pg::url::DatabaseUrl;

use crate::support::cluster::{number, words};
use crate::support::poll;
use crate::support::project::Ran;
use crate::support::restored::Place;
use crate::support::role::Role;

use super::shop::ended;

/// `rollback --to-backup`, without a question.
pub(super) const BACK: [&str; 3] = ["rollback", "--to-backup", "--yes"];

/// Everything of the database but our own tables, as one sum: rows, sequences, indexes, views.
const DIGEST: &str = "CREATE FUNCTION pg_temp.digest() RETURNS text LANGUAGE plpgsql AS $$ \
    DECLARE one record; part text; whole text := ''; BEGIN \
    FOR one IN SELECT c.oid::regclass::text AS name, relkind, relkind IN ('r', 'S') AS has_rows FROM pg_class c \
      JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname NOT IN ('pgkeel', 'pg_toast', 'information_schema') \
      AND nspname NOT LIKE 'pg\\_%' ORDER BY 1 LOOP \
    part := ''; \
    IF one.has_rows THEN EXECUTE format('SELECT md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text), '''')) \
      FROM (SELECT %s FROM %s) t', CASE one.relkind WHEN 'S' THEN 'last_value, is_called' ELSE '*' END, one.name) INTO part; END IF; \
    whole := whole || one.name || one.relkind::text || coalesce(part, '') || ';'; END LOOP; RETURN whole; END $$";

/// Which of the two a name leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    Old,
    New,
}

/// The project, and its two states.
pub(super) struct Stage {
    pub(super) place: Place,
    pub(super) url: String,
    pub(super) name: String,
    /// Whether `key.txt` opens its backups.
    pub(super) identity: bool,
    crashed: bool,
    old: String,
    new: String,
}

impl Stage {
    /// In the server of all tests.
    pub(super) fn new() -> Self {
        Self::with(&[])
    }

    /// The same with other arguments for its backup.
    pub(super) fn with(arguments: &[&str]) -> Self {
        let place = Place::new();
        let (url, name) = (place.db.url.clone(), place.db.name.clone());
        Self::prepared(place, url, name, arguments)
    }

    /// In the server of all tests, by an ordinary owner.
    pub(super) fn owned() -> (Self, Role) {
        let mut place = Place::new();
        let (url, name) = (place.db.url.clone(), place.db.name.clone());
        let role = Role::owner(&mut place.0, "CREATEDB");
        (Self::prepared(place, url, name, &[]), role)
    }

    /// In another server, in this database.
    pub(super) fn at(url: String, name: &str) -> Self {
        let mut place = Place::new();
        place.connect_to(&url);
        Self::prepared(place, url, name.to_owned(), &[])
    }

    fn prepared(place: Place, url: String, name: String, arguments: &[&str]) -> Self {
        place.file("pgkeel.toml", "");
        place.migration(
            "20260101000000_shop",
            "CREATE TABLE customer (id serial PRIMARY KEY, name text); \
             INSERT INTO customer (name) SELECT 'n' || n FROM generate_series(1, 300) n; \
             CREATE TABLE purchase (id int PRIMARY KEY, customer int REFERENCES customer, note text); \
             INSERT INTO purchase SELECT n, 1 + n % 300, repeat('x', n) FROM generate_series(1, 500) n; \
             CREATE INDEX purchase_note ON purchase (md5(note)); CREATE VIEW names AS SELECT name FROM customer;",
            "DROP VIEW names; DROP TABLE purchase, customer;",
        );
        let mut stage = Self {
            place,
            url,
            name,
            identity: false,
            crashed: false,
            old: String::new(),
            new: String::new(),
        };
        stage.place.run(&["deploy"]).exits(0);
        stage.place.run(&["env", "set", "development"]).exits(0);
        stage.place.run(&[&["backup"][..], arguments].concat()).exits(0);
        stage.new = stage.digest();
        stage.place.migration("20260102000000_later", "CREATE TABLE later (id int);", "DROP TABLE later;");
        stage.changes();
        stage
    }

    /// The application and a deploy go on.
    pub(super) fn changes(&mut self) {
        self.place.run(&["deploy"]).exits(0);
        self.sql("UPDATE customer SET name = 'edited' WHERE id < 100; DELETE FROM purchase WHERE id > 400");
        self.old = self.digest();
        assert_ne!(self.old, self.new);
    }

    /// The server has died, and moved.
    pub(super) fn moved_to(&mut self, url: String) {
        self.place.connect_to(&url);
        self.url = url;
        self.crashed = true;
    }

    pub(super) fn connect(&self) -> PgConnection {
        PgConnection::establish(&self.url).unwrap()
    }

    /// A session beside the database.
    pub(super) fn admin(&self) -> PgConnection {
        let url = DatabaseUrl::parse(&self.url).unwrap().with_database("postgres");
        PgConnection::establish(url.conninfo().expose()).unwrap()
    }

    pub(super) fn sql(&self, sql: &str) {
        self.connect().batch_execute(sql).unwrap();
    }

    fn digest(&self) -> String {
        // The backend of a killed run may still end the sessions of the database, this one too.
        poll::until(20, "a session is not ended by the killed run", || {
            let mut session = self.connect();
            // Where a restore has stopped the writing.
            let ready = session
                .batch_execute("SET default_transaction_read_only = off")
                .and_then(|()| session.batch_execute(DIGEST));
            match ready.and_then(|()| {
                diesel::select(sql::<Text>("pg_temp.digest()")).get_result::<String>(&mut session)
            }) {
                Err(Error::DatabaseError(DatabaseErrorKind::ClosedConnection, _)) => None,
                digest => Some(digest.unwrap()),
            }
        })
    }

    /// Which database the name leads to: one of the two, whole.
    #[track_caller]
    pub(super) fn which(&self, what: &str) -> Which {
        // Sequences jump where the server has died: their values are logged in advance (docs 9.17).
        let same = |one: &str, other: &str| {
            let rows = |part: &&str| !self.crashed || !part.contains("_seqS");
            one.split(';').filter(rows).eq(other.split(';').filter(rows))
        };
        match self.digest() {
            digest if same(&digest, &self.old) => Which::Old,
            digest if same(&digest, &self.new) => Which::New,
            other => {
                panic!("{what}: neither the old one nor the new one:\n{other}\n{}\n{}", self.old, self.new)
            }
        }
    }

    /// The file that says that a run stands at its point.
    pub(super) fn flag(&self) -> PathBuf {
        self.place.root().join("fault")
    }

    /// A run that stands at this point.
    pub(super) fn start(&self, arguments: &[&str], point: &str) -> Child {
        let mut child = self.begin(arguments, point);
        let stands = poll::until(30, point, || {
            let gone = child.try_wait().unwrap().is_some();
            let stands = self.flag().exists();
            (stands || gone).then_some(stands)
        });
        if !stands {
            let (code, stdout, stderr) = ended(child);
            panic!("{point}: it ended before, with {code:?}: {stdout}{stderr}");
        }
        child
    }

    /// A run that will stop at this point.
    pub(super) fn begin(&self, arguments: &[&str], point: &str) -> Child {
        let mut command = self.place.command(arguments);
        command.env("PGKEEL_FAULT", format!("{point}:{}", self.flag().display()));
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Let a run that stands at its point go on, to its end: its code, and all that it said.
    pub(super) fn goes_on(&self, child: Child) -> (Option<i32>, String) {
        std::fs::remove_file(self.flag()).unwrap();
        let (code, stdout, stderr) = ended(child);
        (code, format!("{stdout}{stderr}"))
    }

    /// A run that is killed at this point.
    pub(super) fn killed(&self, arguments: &[&str], point: &str) {
        let mut child = self.start(arguments, point);
        child.kill().unwrap();
        child.wait().unwrap();
        std::fs::remove_file(self.flag()).unwrap();
    }

    /// No program and no session of ours is left.
    #[track_caller]
    pub(super) fn is_left_alone(&self, what: &str) {
        let mut admin = self.admin();
        let sql = format!(
            "SELECT count(*) AS value FROM pg_stat_activity WHERE application_name LIKE 'pgkeel%' \
             AND (datname LIKE '{0}%' OR query LIKE '%{0}%') AND pid <> pg_backend_pid()",
            self.name
        );
        poll::until(20, &format!("{what}: our sessions are gone"), || {
            (number(&mut admin, &sql) == 0).then_some(())
        });
    }

    /// Nothing is left but whole databases: no half-made one, no lock, nobody who may not write.
    #[track_caller]
    pub(super) fn is_settled(&self, what: &str) {
        self.is_left_alone(what);
        let mut admin = self.admin();
        let scratch = format!(
            "SELECT coalesce(string_agg(datname, ' '), '') AS value FROM pg_database WHERE starts_with(datname, '{}_') \
             AND coalesce(shobj_description(oid, 'pg_database'), '') NOT LIKE '%\"pgkeel\":\"quarantine\"%'",
            self.name
        );
        assert_eq!(words(&mut admin, &scratch), "", "{what}: databases are left");
        let settings = format!(
            "SELECT count(*) AS value FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase \
             WHERE starts_with(datname, '{}') AND s.setconfig::text LIKE '%read_only%'",
            self.name
        );
        assert_eq!(number(&mut admin, &settings), 0, "{what}: the writing is stopped");
        let turn = format!(
            "SELECT count(*) AS value FROM pg_locks, \
               hashtextextended(concat_ws(chr(1), 'pgkeel reset', '{0}'), 0) key \
             WHERE locktype = 'advisory' AND ((classid::bigint << 32 | objid::bigint) = key \
               OR database = (SELECT oid FROM pg_database WHERE datname = '{0}'))",
            self.name
        );
        assert_eq!(number(&mut admin, &turn), 0, "{what}: a lock is left");
        self.sql("CREATE TABLE written (id int); DROP TABLE written");
    }

    /// What is on the shelf: every backup that is listed is whole, and nothing is half done after the next backup.
    #[track_caller]
    pub(super) fn backups_are_whole(&self, what: &str, at_least: usize) {
        let listed = self.place.run(&["backup", "list", "--json"]);
        let json = listed.exits(0).json();
        let all = json["backups"].as_array().unwrap_or_else(|| panic!("{what}: {json}"));
        assert!(all.len() >= at_least, "{what}: {json}");
        let mut arguments = vec!["backup", "verify", "--all", "--level", "1"];
        arguments.extend(self.identity.then_some(["--identity", "key.txt"]).into_iter().flatten());
        let verified = self.place.run(&arguments);
        assert_eq!(verified.code, 0, "{what}: {}", verified.text());
    }

    /// How many backups are listed; all that are not whole would be an error.
    #[track_caller]
    pub(super) fn listed(&self, what: &str) -> usize {
        let listed = self.place.run(&["backup", "list", "--json"]);
        assert_eq!(listed.code, 0, "{what}: {}", listed.text());
        listed.json()["backups"].as_array().map_or(0, Vec::len)
    }

    /// How many folders there are, whole or not.
    pub(super) fn folders(&self) -> usize {
        self.folders_in(&self.place.root().join("backups"))
    }

    /// The same below another root.
    pub(super) fn folders_in(&self, root: &Path) -> usize {
        let shelf = root.join(folder_of(&self.name));
        std::fs::read_dir(shelf).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_dir()).count()
    }

    /// The name of the first backup.
    pub(super) fn oldest(&self) -> String {
        let all = self.place.backups("backups").into_iter().map(|dir| {
            let text = std::fs::read_to_string(dir.join("manifest.json")).unwrap();
            let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
            (manifest["sequence"].as_u64().unwrap(), manifest["id"].as_str().unwrap().to_owned())
        });
        all.min().unwrap().1
    }

    /// Wait until the run that stands at its point has heard the signal.
    #[track_caller]
    pub(super) fn hears(&self, point: &str) {
        let heard = self.flag().with_extension("heard");
        poll::until(20, &format!("{point}: the signal is heard"), || heard.exists().then_some(()));
        std::fs::remove_file(heard).unwrap();
    }

    /// Wait until a run of this application_name polls for a lock.
    #[track_caller]
    pub(super) fn somebody_waits(&self, application: &str) {
        let mut admin = self.admin();
        let sql = format!(
            "SELECT count(*) AS value FROM pg_stat_activity WHERE application_name = '{application}'              AND query LIKE '%pg_locks%' AND pid <> pg_backend_pid()"
        );
        poll::until(20, "somebody waits", || (number(&mut admin, &sql) > 0).then_some(()));
    }

    /// The databases whose names are like this.
    pub(super) fn names(&self, like: &str) -> String {
        let sql = format!(
            "SELECT coalesce(string_agg(datname, ' '), '') AS value FROM pg_database WHERE datname LIKE '{like}'"
        );
        words(&mut self.admin(), &sql)
    }

    /// A query with one column.
    pub(super) fn words(&self, sql: &str) -> String {
        words(&mut self.connect(), &format!("SELECT ({sql})::text AS value"))
    }

    /// SQL beside the database.
    pub(super) fn beside(&self, sql: &str) {
        self.admin().batch_execute(sql).unwrap();
    }

    /// Drop what restores put aside.
    pub(super) fn tidies(&self) -> Ran {
        self.place.run(&["restore", "--drop-quarantine", "--yes"])
    }
}

/// Send a run a signal.
pub(super) fn send(child: &Child, signal: Signal) {
    kill(Pid::from_raw(child.id().cast_signed()), signal).unwrap();
}
