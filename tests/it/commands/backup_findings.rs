//! What is known to get in the way of a restore is reported when the backup is taken, written into its manifest, and shown by
//! `status`. None of it changes how `backup` ends.

use crate::support::restored::Place;
use crate::support::role::Role;

fn place(sql: &str) -> Place {
    let place = Place::new();
    place.file("pgkeel.toml", "");
    place.sql(sql);
    place
}

/// `code object` of each finding.
fn found(place: &Place) -> Vec<String> {
    let json = place.run(&["backup", "--json"]).exits(0).json();
    // Of which version the client programs are is a matter of the machine.
    let all = json["findings"].as_array().unwrap().iter().filter(|one| one["code"] != "client-programs");
    all.map(|one| format!("{} {}", one["code"].as_str().unwrap(), one["object"].as_str().unwrap())).collect()
}

#[track_caller]
fn check(sql: &str, wanted: &[&str]) {
    assert_eq!(found(&place(sql)), wanted, "{sql}");
}

const NESTED: &str = "CREATE FUNCTION a(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN $1; END'; \
                      CREATE FUNCTION b(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN a($1); END'; ";

#[test]
fn functions_without_a_search_path_are_found_wherever_rows_are_loaded() {
    let wanted = ["needs-search-path FUNCTION public.b(integer)"];
    for place in [
        "CREATE TABLE t (i int, g int GENERATED ALWAYS AS (b(i)) STORED)",
        "CREATE TABLE t (i int); CREATE INDEX ON t (b(i))",
        "CREATE TABLE t (i int); CREATE INDEX ON t (i) WHERE b(i) > 0",
        "CREATE TABLE t (i int, EXCLUDE (b(i) WITH =))",
        "CREATE TABLE t (i int CHECK (b(i) > 0))",
        "CREATE DOMAIN d AS int CHECK (b(VALUE) > 0)",
        "CREATE TABLE t (i int) PARTITION BY LIST (b(i))",
        "CREATE FUNCTION c(int) RETURNS int LANGUAGE sql IMMUTABLE RETURN public.b($1); \
         CREATE TABLE t (i int CHECK (c(i) > 0))",
        "CREATE FUNCTION c(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN public.b($1); END'; \
         CREATE TABLE t (i int CHECK (c(i) > 0))",
        "CREATE FUNCTION p(int, int) RETURNS bool LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN public.b($1) > $2; END'; \
         CREATE OPERATOR <<< (LEFTARG = int, RIGHTARG = int, FUNCTION = p); \
         CREATE TABLE t (i int CHECK (i OPERATOR(public.<<<) 1))",
    ] {
        check(&format!("{NESTED}{place}"), &wanted);
    }
    check(
        "CREATE SCHEMA \"Odd \"\"s\"; SET search_path = \"Odd \"\"s\"; \
         CREATE FUNCTION \"G\nx\"(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1'; \
         CREATE FUNCTION \"F\"(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN \"G\nx\"($1); END'; \
         CREATE TABLE \"T\nt\" (i int CHECK (\"F\"(i) > 0))",
        &["needs-search-path FUNCTION \"Odd \"\"s\".\"F\"(integer)"],
    );
}

/// Since 17 the server fills them with a search_path of its own, so that these cannot be made.
#[test]
fn materialized_views_that_need_a_search_path_are_found() {
    if Place::new().number("SELECT current_setting('server_version_num')::int / 10000") >= 17 {
        return;
    }
    check(
        &format!("{NESTED}CREATE VIEW v AS SELECT b(1) AS i; CREATE MATERIALIZED VIEW m AS SELECT i FROM v"),
        &["needs-search-path FUNCTION public.b(integer)"],
    );
    check(
        "CREATE TABLE page (body text); \
         CREATE MATERIALIZED VIEW words AS SELECT word FROM ts_stat('SELECT to_tsvector(body) FROM page')",
        &["needs-search-path MATERIALIZED VIEW public.words"],
    );
}

#[test]
fn what_a_restore_can_do_is_no_finding() {
    for sql in [
        NESTED.to_owned() + "CREATE TABLE t (i int DEFAULT b(1)); CREATE VIEW v AS SELECT b(1)",
        NESTED.to_owned()
            + "ALTER FUNCTION b SET search_path = public; CREATE TABLE t (i int CHECK (b(i) > 0))",
        NESTED.to_owned() + "CREATE MATERIALIZED VIEW m AS SELECT b(1) WITH NO DATA",
        "CREATE FUNCTION f(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower(trim($1))'; \
         CREATE TABLE t (lower text CHECK (f(lower) <> '')); CREATE INDEX ON t (f(lower))"
            .to_owned(),
        "CREATE FUNCTION a(int) RETURNS int LANGUAGE sql IMMUTABLE RETURN $1; \
         CREATE FUNCTION b(int) RETURNS int LANGUAGE sql IMMUTABLE BEGIN ATOMIC SELECT a($1); END; \
         CREATE TABLE t (i int CHECK (b(i) > 0), m text PRIMARY KEY, n text REFERENCES t) "
            .to_owned(),
        "CREATE TABLE h (i int, t text) PARTITION BY HASH (i, t); \
         CREATE TABLE h0 PARTITION OF h FOR VALUES WITH (MODULUS 1, REMAINDER 0)"
            .to_owned(),
    ] {
        check(&sql, &[]);
    }
}

#[test]
fn checks_keys_and_hashes_that_a_reload_may_break_are_found() {
    check(
        "CREATE TABLE limits (i int); INSERT INTO limits VALUES (3); \
         CREATE FUNCTION f(int) RETURNS bool LANGUAGE sql STABLE AS 'SELECT $1 < max(i) FROM public.limits'; \
         CREATE TABLE t (i int CONSTRAINT \"Odd c\" CHECK (f(i)))",
        &["check-reads-tables CHECK constraint \"Odd c\" of table public.t"],
    );
    check(
        "CREATE TABLE a (i int PRIMARY KEY); CREATE TABLE b (i int REFERENCES a); CREATE TABLE c (i int REFERENCES a); \
         CREATE TABLE d (i int); ALTER TABLE d ADD FOREIGN KEY (i) REFERENCES a NOT VALID; \
         CREATE TABLE x (i int PRIMARY KEY); CREATE TABLE y (i int REFERENCES x); \
         ALTER TABLE b DISABLE TRIGGER ALL; ALTER TABLE x DISABLE TRIGGER ALL",
        &[
            "unproven-key foreign key b_i_fkey of table public.b",
            "unproven-key foreign key d_i_fkey of table public.d",
            "unproven-key foreign key y_i_fkey of table public.y",
        ],
    );
    check(
        "CREATE TYPE mood AS ENUM ('a', 'b'); CREATE DOMAIN moods AS mood[]; \
         CREATE TABLE h (m mood) PARTITION BY HASH (m); CREATE TABLE k (m moods) PARTITION BY HASH (m); \
         CREATE TABLE l (m mood) PARTITION BY LIST (m)",
        &["unstable-hash TABLE public.h", "unstable-hash TABLE public.k"],
    );
}

#[test]
fn a_finding_is_reported_recorded_and_shown_by_status() {
    let place = place(&format!("{NESTED}CREATE TABLE t (i int, g int GENERATED ALWAYS AS (b(i)) STORED)"));
    let taken = place.run(&["backup"]);
    assert!(
        taken.exits(0).stderr.contains(
            "warning: for a restore: function public.b(integer) finds a by the session's search_path, which is empty while \
             generated column public.t.g is loaded"
        ),
        "{}",
        taken.text()
    );
    let shown = place.run(&["backup", "show"]);
    assert!(
        shown.stdout.contains("ALTER FUNCTION public.b(integer) SET search_path = public, pg_temp;"),
        "{}",
        shown.text()
    );
    let status = place.run(&["status"]);
    assert!(status.stdout.contains("functions without their own search_path (1)"), "{}", status.text());
    let json = place.run(&["status", "--json"]).json();
    assert_eq!(json["backups"]["warnings"][0]["what"], "restorability");
    let finding = &json["backups"]["warnings"][0]["findings"][0];
    assert_eq!(finding["code"], "needs-search-path");
    assert_eq!(finding["remedy"], "ALTER FUNCTION public.b(integer) SET search_path = public, pg_temp;");
    // What it advises helps.
    place.sql("ALTER FUNCTION public.b(integer) SET search_path = public, pg_temp");
    let again = place.run(&["backup"]);
    assert!(!again.exits(0).stderr.contains("for a restore"), "{}", again.text());
    place.run(&["backup", "verify", "latest", "--level", "3"]).exits(0);
    assert!(!place.run(&["status"]).stdout.contains("get in the way"));
}

#[test]
fn what_the_role_that_takes_the_backup_may_not_make_is_found() {
    let mut place = place(
        "CREATE FUNCTION watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; \
         CREATE EVENT TRIGGER \"Odd w\" ON ddl_command_end EXECUTE FUNCTION watch(); \
         CREATE CAST (int AS xid) WITHOUT FUNCTION",
    );
    let role = Role::owner(&mut place, "CREATEDB");
    place.sql(&format!("ALTER SCHEMA public OWNER TO {0}; ALTER FUNCTION watch OWNER TO {0}", role.name));
    assert_eq!(
        found(&place),
        [
            "event-trigger EVENT TRIGGER \"Odd w\"".to_owned(),
            "superuser-only CAST (integer AS xid)".to_owned(),
            format!("foreign-owner ROLE {}", place.words("SELECT current_user")),
        ]
    );
    // The same owned by another role.
    place.sql("DROP EVENT TRIGGER \"Odd w\"; DROP CAST (int AS xid)");
    place.sql("CREATE SCHEMA theirs; CREATE TABLE theirs.t ()");
    place.sql(&format!("GRANT USAGE ON SCHEMA theirs TO {0}; GRANT SELECT ON theirs.t TO {0}", role.name));
    let taken = place.run(&["backup"]);
    assert!(
        taken.exits(0).stderr.contains("warning: for a restore: role `ROLE`")
            || taken.stderr.contains("is not a member of"),
        "{}",
        taken.text()
    );
    drop(role);
}
