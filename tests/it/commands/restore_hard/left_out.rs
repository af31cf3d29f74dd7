//! What the role that restores may not make: refused before any work, and left out by a flag.

use diesel::Connection;
use diesel::connection::SimpleConnection;

use super::{Hard, Who};
use crate::support::restored::Place;
use crate::support::role::Role;

#[test]
fn an_event_trigger_is_refused_before_any_work_and_left_out_by_a_flag() {
    let hard = Hard::new(Who::Createdb, &[], "CREATE TABLE t (i int); INSERT INTO t VALUES (1)");
    hard.place.sql(
        "CREATE SCHEMA admin; CREATE FUNCTION admin.watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; \
         CREATE EVENT TRIGGER wt ON ddl_command_end EXECUTE FUNCTION admin.watch(); COMMENT ON EVENT TRIGGER wt IS 'w'",
    );
    hard.place.sql(&format!("GRANT USAGE ON SCHEMA admin TO {}", hard.role.as_ref().unwrap().name));
    hard.backup();
    let ran = hard.place.run(&["restore", "latest", "--no-owner", "--yes"]);
    ran.exits(3);
    assert!(
        ran.stderr.contains("event trigger") && ran.stderr.contains("--no-event-triggers"),
        "{}",
        ran.text()
    );
    assert_eq!(hard.place.beside(), [""; 0]);
    hard.place.run(&["restore", "latest", "--no-owner", "--no-event-triggers", "--yes"]).exits(0);
    assert_eq!(hard.place.number("SELECT count(*) FROM t"), 1);
    assert_eq!(hard.place.number("SELECT count(*) FROM pg_event_trigger"), 0);
}

#[test]
fn a_database_of_several_owners_is_restored_by_schema() {
    let mut place = Place::new();
    place.file("pgkeel.toml", "");
    let (platform, me) = (Role::new(&mut place, ""), Role::new(&mut place, ""));
    let (pl, mine, name) = (&platform.name, &me.name, place.db.name.clone());
    place.sql(&format!(
        "ALTER DATABASE {name} OWNER TO {pl}; GRANT ALL ON DATABASE {name} TO {mine}; \
         CREATE SCHEMA auth AUTHORIZATION {pl}; CREATE SCHEMA extensions; \
         CREATE FUNCTION extensions.f() RETURNS int LANGUAGE sql AS 'SELECT 1'; \
         SET ROLE {pl}; CREATE TABLE auth.users (id int PRIMARY KEY); INSERT INTO auth.users VALUES (1); RESET ROLE; \
         GRANT USAGE ON SCHEMA auth, extensions TO {mine}; GRANT SELECT, REFERENCES ON auth.users TO {mine}; \
         ALTER SCHEMA public OWNER TO {mine}"
    ));
    diesel::PgConnection::establish(&me.url())
        .unwrap()
        .batch_execute(
            "CREATE TABLE public.profile (id int REFERENCES auth.users, n text); INSERT INTO public.profile VALUES (1, 'n')",
        )
        .unwrap();
    place.connect_as(&me);
    place.run(&["backup"]).exits(0);
    let flags = ["restore", "latest", "--in-place", "--no-owner", "--no-privileges", "--no-backup", "--yes"];
    let ran = place.run(&flags);
    ran.exits(3);
    for word in ["`auth`", "`extensions`", "--schema 'public'"] {
        assert!(ran.stderr.contains(word), "{}", ran.text());
    }
    place.sql("UPDATE public.profile SET n = 'edited'");
    place.run(&[&flags[..], &["--schema", "public"]].concat()).exits(0);
    assert_eq!(place.words("SELECT n FROM public.profile"), "n");
    assert_eq!(place.number("SELECT count(*) FROM auth.users"), 1);
    let ran = place.run(&[&flags[..], &["--schema", "nowhere"]].concat());
    ran.exits(3);
    assert!(ran.stderr.contains("`nowhere`"), "{}", ran.text());
    place.sql(&format!("ALTER DATABASE {name} OWNER TO CURRENT_USER"));
}

#[test]
fn one_schema_is_restored_into_a_copy() {
    let hard = Hard::new(
        Who::Superuser,
        &["citext"],
        "CREATE SCHEMA app; CREATE TABLE app.t (c citext PRIMARY KEY); INSERT INTO app.t VALUES ('a'); \
         CREATE TABLE public.refers (c citext REFERENCES app.t)",
    );
    hard.backup();
    let copy = format!("{}_copy", hard.place.db.name);
    hard.place.run(&["restore", "latest", "--schema", "app"]).exits(2);
    let ran = hard.place.run(&["restore", "latest", "--schema", "public", "--into", &copy]);
    ran.exits(3);
    assert!(ran.stderr.contains("depends on `app.t"), "{}", ran.text());
    hard.place.run(&["restore", "latest", "--schema", "app", "--into", &copy]).exits(0);
    assert_eq!(hard.place.number_in(&copy, "SELECT count(*) FROM app.t"), 1);
    assert_eq!(hard.place.number_in(&copy, "SELECT count(*) FROM pg_class WHERE relname = 'refers'"), 0);
}

#[test]
fn a_schema_in_place_leaves_what_is_outside_of_it() {
    let hard = Hard::new(
        Who::Superuser,
        &[],
        "CREATE SCHEMA app; CREATE TABLE app.t (i int PRIMARY KEY); INSERT INTO app.t VALUES (1); \
         SELECT lo_from_bytea(0, 'picture')",
    );
    hard.backup();
    let flags = ["restore", "latest", "--in-place", "--schema", "app", "--no-backup", "--yes"];
    hard.place.sql("CREATE TABLE public.refers (i int REFERENCES app.t); DELETE FROM app.t");
    let ran = hard.place.run(&flags);
    ran.exits(3);
    assert!(ran.stderr.contains("constraint refers_i_fkey on table"), "{}", ran.text());
    assert!(ran.stderr.contains("--schema 'public'"), "{}", ran.text());
    assert_eq!(hard.place.number("SELECT count(*) FROM pg_constraint WHERE conname = 'refers_i_fkey'"), 1);
    hard.place.sql("DROP TABLE public.refers");
    let ran = hard.place.run(&[&flags[..], &["--dry-run"]].concat());
    assert!(ran.exits(0).text().contains("this replaces the schemas app in "), "{}", ran.text());
    hard.place.run(&flags).exits(0);
    assert_eq!(hard.place.number("SELECT count(*) FROM app.t"), 1);
    assert_eq!(hard.place.number("SELECT count(*) FROM pg_largeobject_metadata"), 1);
}
