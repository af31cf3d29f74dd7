//! Code that a role without rights wrote into a database: no command of a superuser runs it with a superuser's rights, and
//! everything is loaded nevertheless.

use std::process::Stdio;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

use pgkeel::pg::url::DatabaseUrl;

use crate::support::poll;
use crate::support::restored::{Place, key};
use crate::support::role::Role;

/// A function that makes its owner a superuser, once it runs with the rights of one, behind all that a load evaluates.
const PLANTS: &str = "
CREATE FUNCTION public.arise() RETURNS integer LANGUAGE plpgsql AS $f$ BEGIN
  BEGIN EXECUTE 'RESET ROLE'; EXCEPTION WHEN OTHERS THEN NULL; END;
  BEGIN EXECUTE 'RESET SESSION AUTHORIZATION'; EXCEPTION WHEN OTHERS THEN NULL; END;
  BEGIN EXECUTE 'ALTER ROLE ROLE SUPERUSER'; EXCEPTION WHEN OTHERS THEN NULL; END;
  RETURN 1;
END $f$;
CREATE FUNCTION public.good(v integer) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS
  $f$ BEGIN PERFORM public.arise(); RETURN true; END $f$;
CREATE FUNCTION public.same(v integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS
  $f$ BEGIN PERFORM public.arise(); RETURN v; END $f$;
CREATE TABLE t_check (id serial PRIMARY KEY, a integer CHECK (public.good(a)));
INSERT INTO t_check (a) VALUES (1), (2);
CREATE DOMAIN checked AS integer CHECK (public.good(VALUE));
CREATE TYPE composed AS (x checked);
CREATE TABLE t_domain (a checked, c composed); INSERT INTO t_domain VALUES (1, '(1)');
CREATE TABLE t_generated (a integer, b integer GENERATED ALWAYS AS (public.same(a)) STORED);
INSERT INTO t_generated VALUES (1);
CREATE TABLE t_identity (id bigint GENERATED ALWAYS AS IDENTITY, a checked); INSERT INTO t_identity (a) VALUES (3);
CREATE TABLE t_list (a integer) PARTITION BY LIST (public.same(a));
CREATE TABLE t_list_1 PARTITION OF t_list FOR VALUES IN (1); INSERT INTO t_list VALUES (1);
CREATE TABLE t_folded (a integer) PARTITION BY LIST ((a + public.same(1)));
CREATE TABLE t_folded_1 PARTITION OF t_folded FOR VALUES IN (2); INSERT INTO t_folded VALUES (1);
CREATE TABLE t_range (a checked) PARTITION BY RANGE (a);
CREATE TABLE t_range_1 PARTITION OF t_range FOR VALUES FROM (1) TO (9); INSERT INTO t_range VALUES (1);
CREATE TABLE t_index (a integer); INSERT INTO t_index VALUES (1);
CREATE INDEX ON t_index (public.same(a)); CREATE INDEX t_index_constant ON t_index ((public.same(1)));
CREATE STATISTICS t_statistics ON (public.same(a)), (public.same(7)) FROM t_index;
CREATE MATERIALIZED VIEW t_matview AS SELECT public.same(1) AS x;
CREATE VIEW t_view AS SELECT * FROM t_domain;
CREATE VIEW t_constants AS SELECT '(1)'::composed AS c, '{1}'::checked[] AS a;
CREATE FUNCTION public.of_row(t_domain, c composed DEFAULT '(1)') RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION public.tg() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN PERFORM public.arise(); RETURN NEW; END $f$;
CREATE TRIGGER tg BEFORE INSERT ON t_index FOR EACH ROW WHEN (NEW.a > 0) EXECUTE FUNCTION public.tg();
CREATE TABLE t_key (a integer REFERENCES t_check (id)); INSERT INTO t_key VALUES (1);
CREATE TABLE t_text (a integer CHECK
  (pg_catalog.query_to_xml('SELECT public.arise()', true, false, '') IS NOT NULL OR a > 0));
INSERT INTO t_text VALUES (1);
COMMENT ON TABLE t_check IS 'of a role';
";

/// What a superuser made with the role's functions, as long as they were harmless.
const USED: &str = "
CREATE TABLE s_check (a integer CHECK (public.good(a))); INSERT INTO s_check VALUES (1), (2);
CREATE TABLE s_plain (a integer PRIMARY KEY); INSERT INTO s_plain VALUES (1);
CREATE TABLE s_index (a integer); INSERT INTO s_index VALUES (1);
CREATE INDEX ON s_index (public.same(a));
CREATE VIEW s_view AS SELECT * FROM s_check;
CREATE MATERIALIZED VIEW s_matview AS SELECT a FROM s_plain;
";

const HARMLESS: &str = "
CREATE FUNCTION public.good(v integer) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $f$ BEGIN RETURN true; END $f$;
CREATE FUNCTION public.same(v integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $f$ BEGIN RETURN v; END $f$;
";

/// A superuser's project in whose database a role has planted.
pub(super) struct Planted {
    pub(super) place: Place,
    pub(super) role: Option<Role>,
}

impl Planted {
    pub(super) fn empty() -> Self {
        let mut place = Place::shop();
        let role = Role::new(&mut place, "");
        place.sql("GRANT CREATE ON SCHEMA public TO PUBLIC");
        Self { place, role: Some(role) }
    }

    pub(super) fn new() -> Self {
        let planted = Self::empty();
        planted.as_role(HARMLESS);
        planted.place.sql(USED);
        planted.as_role(&PLANTS.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"));
        planted.rose_not("planting");
        planted
    }

    pub(super) fn as_role(&self, sql: &str) {
        let role = self.role.as_ref().unwrap();
        let mut session = PgConnection::establish(&role.url()).unwrap();
        session.batch_execute(&sql.replace("ROLE SUPERUSER", &format!("{} SUPERUSER", role.name))).unwrap();
    }

    pub(super) fn name(&self) -> &str {
        &self.role.as_ref().unwrap().name
    }

    /// Nothing planted ran with more rights than the role has, and no login is left.
    pub(super) fn rose_not(&self, after: &str) {
        let supers = format!("SELECT count(*) FROM pg_roles WHERE rolname = '{}' AND rolsuper", self.name());
        assert_eq!(self.place.number(&supers), 0, "after {after}");
        assert_eq!(self.logins(), 0, "after {after}");
    }

    /// The logins with the rights of the role.
    fn logins(&self) -> i64 {
        let role = format!("(SELECT oid FROM pg_roles WHERE rolname = '{}')", self.name());
        self.place.number(&format!("SELECT count(*) FROM pg_auth_members WHERE roleid = {role}"))
    }

    pub(super) fn runs(&self, arguments: &[&str], exit: i32) -> String {
        let ran = self.place.run(arguments);
        ran.exits(exit);
        self.rose_not(&arguments.join(" "));
        ran.text().to_owned()
    }
}

impl Drop for Planted {
    fn drop(&mut self) {
        for database in self.place.beside() {
            self.place.sql(&format!("DROP DATABASE \"{database}\""));
        }
        drop(self.role.take());
    }
}

#[test]
fn a_superuser_restores_what_a_role_planted_without_running_it_as_a_superuser() {
    let planted = Planted::new();
    let before = planted.place.contents(&planted.place.db.name);
    planted.runs(&["backup"], 0);
    planted.runs(&["backup", "verify", "--level", "2"], 0);
    planted.runs(&["backup", "verify", "--level", "3"], 0);
    let copy = format!("{}_copy", planted.place.db.name);
    planted.runs(&["restore", "--into", &copy], 0);
    pretty(&without_ours(&planted.place.contents(&copy)), &without_ours(&before));
    planted.runs(&["restore", "--tables", "t_index,t_check,t_list,t_folded"], 0);
    planted.runs(&["restore", "--yes"], 0);
    planted.runs(&["restore", "--drop-quarantine", "--yes"], 0);
    planted.runs(&["rollback", "--to-backup", "latest", "--yes"], 0);
    pretty(&without_ours(&planted.place.contents(&planted.place.db.name)), &without_ours(&before));
}

#[test]
fn what_pg_dump_wrote_is_loaded_the_same_way() {
    let planted = Planted::new();
    let before = planted.place.contents(&planted.place.db.name);
    for (form, file) in [("-Fc", "dump.pgdump"), ("-Fd", "dump.d")] {
        planted.place.dump(form, file);
        let copy = named("COPY", &planted);
        planted.runs(&["restore", file, "--into", &copy, "--jobs", "2"], 0);
        pretty(&without_ours(&planted.place.contents(&copy)), &without_ours(&before));
        planted.place.sql(&format!("DROP DATABASE \"{copy}\""));
    }
}

fn named(word: &str, planted: &Planted) -> String {
    word.replace("COPY", &format!("{}_copy", planted.place.db.name))
}

#[test]
fn definitions_are_built_and_proved_without_running_them_as_a_superuser() {
    let planted = Planted::new();
    let url = planted.place.db.url.clone();
    let pulled = planted.runs(&["pull", "--print"], 0);
    assert!(!pulled.contains("not proved"), "{pulled}");
    planted.runs(&["diff", "empty", &url, "--prove", "--summary"], 0);
    planted.runs(&["backup"], 0);
    planted.runs(&["diff", "empty", "backup:latest", "--prove", "--summary"], 0);
    planted.runs(&["migrate", "--from", &url, "--name", "all", "--create-only"], 0);
    for written in planted.place.root().join("migrations").read_dir().unwrap().flatten() {
        if written.file_name().to_string_lossy().ends_with("_all") {
            std::fs::remove_dir_all(written.path()).unwrap();
        }
    }
    // From here on its code is in a migration of the project.
    let fixed = planted.runs(&["drift", "--fix", "--name", "all"], 0);
    assert!(fixed.contains("proved in a shadow database"), "{fixed}");
}

#[test]
fn where_one_session_loads_everything_it_is_refused_by_name() {
    let planted = Planted::new();
    planted.place.dump("-Fp", "dump.sql");
    planted.runs(&["backup"], 0);
    for arguments in
        [&["restore", "dump.sql", "--yes"][..], &["restore", "--in-place", "--yes", "--no-backup"]]
    {
        let text = planted.runs(arguments, 3);
        assert!(text.contains("public.good(") && text.contains("of `ROLE`"), "{text}");
        assert!(text.contains("--trust-code-of"), "{text}");
    }
}

#[test]
fn logins_of_a_run_that_was_killed_are_shown_and_dropped_by_the_next() {
    let planted = Planted::new();
    planted.runs(&["backup"], 0);
    let flag = planted.place.root().join("fault");
    let mut command = planted.place.command(&["restore", "--yes"]);
    command.env("PGKEEL_FAULT", format!("restore-logins:{}", flag.display()));
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    poll::until(60, "the logins", || flag.exists().then_some(()));
    // Restores of other tests would drop it, once its lock is free.
    let url = DatabaseUrl::parse(&planted.place.db.url).unwrap().with_database("postgres");
    let mut beside = PgConnection::establish(url.conninfo().expose()).unwrap();
    let lock = format!(
        "SELECT pg_advisory_lock(hashtextextended(concat_ws(chr(1), 'pgkeel login', member::regrole), 0)) \
         FROM pg_auth_members WHERE roleid = '{}'::regrole",
        planted.name()
    );
    let waiting = std::thread::spawn(move || beside.batch_execute(&lock).map(|()| beside));
    let waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
    poll::until(60, "the lock is waited for", || (planted.place.number(waits) > 0).then_some(()));
    child.kill().unwrap();
    child.wait().unwrap();
    let beside = waiting.join().unwrap().unwrap();
    assert_eq!(planted.logins(), 1);
    let status = planted.place.run(&["status"]);
    drop(beside);
    assert!(status.text().contains("login of a run: pgkeel_load_"), "{}", status.text());
    planted.runs(&["restore", "--yes"], 0);
}

#[test]
fn code_that_changes_what_its_owner_has_is_not_swapped_in() {
    let planted = Planted::new();
    planted
        .as_role("CREATE TABLE plain (a integer); INSERT INTO plain VALUES (1); CREATE SEQUENCE plain_seq;");
    // Over its login it may do with its owner's tables what it likes: nothing may read them as a superuser then.
    planted.as_role(
        "CREATE FUNCTION public.swap() RETURNS integer LANGUAGE plpgsql AS $f$ BEGIN
           IF current_user LIKE 'pgkeel_load%' THEN
             DROP TABLE public.plain; DROP SEQUENCE public.plain_seq;
             CREATE VIEW public.plain AS SELECT public.arise() AS a;
             CREATE VIEW public.plain_seq AS SELECT public.arise() AS last_value, true AS is_called;
           END IF;
           RETURN 1;
         EXCEPTION WHEN OTHERS THEN RETURN 1; END $f$;
         CREATE OR REPLACE FUNCTION public.same(v integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS
           $f$ BEGIN PERFORM public.swap(); RETURN v; END $f$",
    );
    planted.runs(&["backup"], 0);
    for arguments in [&["restore", "--yes"][..], &["backup", "verify", "--level", "3"]] {
        let text = planted.runs(arguments, 10);
        assert!(text.contains("plain"), "{text}");
    }
}

#[test]
fn what_needs_no_function_of_its_own_is_found_too() {
    let planted = Planted::empty();
    planted.as_role(
        "CREATE TABLE t (a integer CHECK (CASE WHEN current_setting('is_superuser') = 'on'
           THEN 1 / (a - a) = 1 AND pg_catalog.query_to_xml('SELECT 1', true, false, '') IS NOT NULL ELSE true END));
         INSERT INTO t VALUES (1)",
    );
    planted.runs(&["backup"], 0);
    planted.runs(&["backup", "verify", "--level", "3"], 0);
    planted.runs(&["restore", "--yes"], 0);
    planted.place.dump("-Fp", "dump.sql");
    planted.runs(&["restore", "dump.sql", "--yes"], 3);
}

#[test]
fn what_is_encrypted_is_loaded_the_same_way() {
    let planted = Planted::new();
    let before = planted.place.contents(&planted.place.db.name);
    let public = key(&planted.place);
    planted.runs(&["backup", "--encrypt-to", &public], 0);
    planted.runs(&["backup", "verify", "--level", "3", "--identity", "key.txt"], 0);
    planted.runs(&["restore", "--yes", "--identity", "key.txt"], 0);
    pretty(&without_ours(&planted.place.contents(&planted.place.db.name)), &without_ours(&before));
}

#[test]
fn nobody_else_can_connect_to_what_a_superuser_restores_before_it_is_compared() {
    let planted = Planted::empty();
    planted.as_role("CREATE TABLE t (a integer); INSERT INTO t VALUES (1)");
    planted.runs(&["backup"], 0);
    let flag = planted.place.root().join("fault");
    let mut command = planted.place.command(&["restore", "--yes"]);
    command.env("PGKEEL_FAULT", format!("restore-loaded:{}", flag.display()));
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    poll::until(60, "the rows", || flag.exists().then_some(()));
    let beside = planted.place.beside();
    let url = planted.role.as_ref().unwrap().url();
    let entered = |name: &String| PgConnection::establish(&url.replace(&planted.place.db.name, name)).is_ok();
    let entered: Vec<&String> = beside.iter().filter(|name| entered(name)).collect();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!beside.is_empty() && entered.is_empty(), "{beside:?} {entered:?}");
    planted.runs(&["restore", "--yes"], 0);
}

#[test]
fn what_no_load_evaluates_is_loaded_as_ever() {
    let planted = Planted::empty();
    planted.as_role(
        "CREATE FUNCTION tg() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
         CREATE TABLE t (id serial PRIMARY KEY, a text CHECK (length(a) > 0), b numeric(4,2) DEFAULT 1);
         CREATE TRIGGER tg BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION tg(); INSERT INTO t (a) VALUES ('x')",
    );
    assert!(!planted.runs(&["backup"], 0).contains("not superusers"));
    planted.place.dump("-Fp", "dump.sql");
    let copy = named("COPY", &planted);
    planted.runs(&["restore", "dump.sql", "--into", &copy], 0);
    planted.runs(&["restore", "--in-place", "--yes", "--no-backup"], 0);
}

/// What a restore writes into our own tables is not what was backed up.
fn without_ours(dump: &str) -> String {
    let is_ours = |line: &str| ["pgkeel", "\trestore\t", "\tdeploy\t"].iter().any(|word| line.contains(word));
    dump.lines().filter(|line| !is_ours(line)).collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn pretty(found: &str, expected: &str) {
    let (mut found, mut expected): (Vec<_>, Vec<_>) = (found.lines().collect(), expected.lines().collect());
    found.sort_unstable();
    expected.sort_unstable();
    let more: Vec<_> = found.iter().filter(|line| !expected.contains(line)).take(20).collect();
    let less: Vec<_> = expected.iter().filter(|line| !found.contains(line)).take(20).collect();
    assert!(more.is_empty() && less.is_empty(), "more: {more:#?}\nless: {less:#?}");
}
