//! `restore --tables --apply` by a superuser: code of lesser roles that a table of a superuser reaches is named, and never run.

use std::process::Stdio;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

use super::lesser_code::Planted;
use crate::support::poll;

/// What a role makes, harmless as long as a superuser uses it, and the superuser's tables that use it.
const USED: [(&str, &str, &str); 13] = [
    ("checked", "", "CREATE TABLE public.checked (id int PRIMARY KEY, a int CHECK (public.same(a) > 0))"),
    (
        "defaulted",
        "",
        "CREATE TABLE public.defaulted (id int PRIMARY KEY, a int, b int DEFAULT public.same(1))",
    ),
    (
        "generated",
        "",
        "CREATE TABLE public.generated (id int PRIMARY KEY, a int, b int GENERATED ALWAYS AS (public.same(a)) STORED)",
    ),
    (
        "indexed",
        "",
        "CREATE TABLE public.indexed (id int PRIMARY KEY, a int); CREATE INDEX ON public.indexed (public.same(a))",
    ),
    (
        "partial",
        "",
        "CREATE TABLE public.partial (id int PRIMARY KEY, a int);
         CREATE INDEX ON public.partial (id) WHERE public.same(1) = 1",
    ),
    (
        "of_domain",
        "CREATE DOMAIN public.d AS int CHECK (public.same(VALUE) > 0)",
        "CREATE TABLE public.of_domain (id int PRIMARY KEY, a public.d)",
    ),
    (
        "of_plain_domain",
        "CREATE DOMAIN public.d AS int",
        "CREATE TABLE public.of_plain_domain (id int PRIMARY KEY, a public.d[])",
    ),
    (
        "of_composite",
        "CREATE DOMAIN public.d AS int CHECK (public.same(VALUE) > 0); CREATE TYPE public.c AS (x public.d)",
        "CREATE TABLE public.of_composite (id int PRIMARY KEY, a int, c public.c)",
    ),
    (
        "ruled",
        "CREATE VIEW public.v AS SELECT public.same(1) AS x",
        "CREATE TABLE public.ruled (id int PRIMARY KEY, a int);
         CREATE RULE r AS ON INSERT TO public.ruled DO ALSO SELECT * FROM public.v",
    ),
    (
        "listed",
        "",
        "CREATE TABLE public.listed (id int, a int, PRIMARY KEY (id)) PARTITION BY LIST (id);
         CREATE TABLE public.listed_1 PARTITION OF public.listed DEFAULT;
         CREATE TRIGGER t BEFORE INSERT ON public.listed_1 FOR EACH ROW EXECUTE FUNCTION public.told()",
    ),
    (
        "of_theirs",
        "CREATE TABLE public.theirs (id int NOT NULL, a int, PRIMARY KEY (id))",
        "CREATE TABLE public.of_theirs (id int, a int, PRIMARY KEY (id)) PARTITION BY LIST (id);
         ALTER TABLE public.of_theirs ATTACH PARTITION public.theirs DEFAULT",
    ),
    (
        "referred",
        "",
        "CREATE TABLE public.referred (id int PRIMARY KEY, a int UNIQUE); GRANT REFERENCES ON public.referred TO PUBLIC",
    ),
    (
        "computed",
        "",
        "CREATE TABLE public.computed (id int, a int) PARTITION BY LIST ((a + public.same(1)));
         CREATE TABLE public.computed_1 PARTITION OF public.computed DEFAULT",
    ),
];

const HARMLESS: &str = "
CREATE FUNCTION public.same(v int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $f$ BEGIN RETURN v; END $f$;
CREATE FUNCTION public.told() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN RETURN NEW; END $f$;
";

const PLANTS: &str = "
CREATE FUNCTION public.arise() RETURNS int LANGUAGE plpgsql AS $f$ BEGIN
  BEGIN EXECUTE 'ALTER ROLE ROLE SUPERUSER'; EXCEPTION WHEN OTHERS THEN NULL; END; RETURN 1; END $f$;
CREATE OR REPLACE FUNCTION public.same(v int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS
  $f$ BEGIN PERFORM public.arise(); RETURN v; END $f$;
CREATE OR REPLACE FUNCTION public.told() RETURNS trigger LANGUAGE plpgsql AS
  $f$ BEGIN PERFORM public.arise(); RETURN NEW; END $f$;
";

fn planted(theirs: &str, table: &str, ours: &str) -> Planted {
    let planted = Planted::empty();
    planted.as_role(HARMLESS);
    if !theirs.is_empty() {
        planted.as_role(theirs);
    }
    planted.place.sql(ours);
    planted.place.sql(&format!("INSERT INTO public.{table} (id, a) VALUES (1, NULL), (2, NULL)"));
    if table == "referred" {
        planted.place.sql("UPDATE referred SET a = id");
        planted.as_role(
            "CREATE TABLE refers (a int REFERENCES public.referred (a) ON UPDATE CASCADE); INSERT INTO refers VALUES (1);
             CREATE TRIGGER t AFTER UPDATE ON refers FOR EACH ROW EXECUTE FUNCTION public.told()",
        );
    }
    planted.as_role(PLANTS);
    planted
}

#[test]
fn a_table_of_a_superuser_that_reaches_code_of_a_lesser_role_is_refused_by_name() {
    for (table, theirs, ours) in USED {
        let planted = planted(theirs, table, ours);
        planted.runs(&["backup"], 0);
        // The superuser itself runs nothing planted.
        planted.as_role(&HARMLESS.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"));
        let lose = match table {
            "referred" => "UPDATE referred SET a = 3 WHERE id = 2".to_owned(),
            _ => format!("TRUNCATE public.{table}"),
        };
        planted.place.sql(&lose);
        planted.as_role(&PLANTS.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"));
        let text = planted.runs(&["restore", "--tables", table, "--apply", "--yes"], 3);
        assert!(text.contains("would run code of lesser roles: "), "{table}: {text}");
        assert!(text.contains("of `ROLE`") && text.contains("--trust-code-of"), "{table}: {text}");
    }
}

#[test]
fn a_table_of_a_superuser_that_reaches_none_comes_back() {
    let planted = Planted::empty();
    // A cast of an enum to text is code, but none that this needs.
    planted.as_role(
        "CREATE TYPE public.mood AS ENUM ('a', 'b');
         CREATE SEQUENCE public.theirs; GRANT USAGE ON SEQUENCE public.theirs TO PUBLIC;",
    );
    planted.place.sql(
        "CREATE TABLE public.plain (id int PRIMARY KEY DEFAULT nextval('public.theirs'), m public.mood, a int CHECK (a > 0));
         INSERT INTO public.plain (m, a) VALUES ('a', 1), ('b', 2)",
    );
    planted.as_role(HARMLESS);
    planted.as_role(PLANTS);
    planted.as_role(
        "CREATE FUNCTION public.words(public.mood) RETURNS text LANGUAGE plpgsql AS
           $f$ BEGIN PERFORM public.arise(); RETURN 'x'; END $f$;
         CREATE CAST (public.mood AS text) WITH FUNCTION public.words(public.mood)",
    );
    planted.runs(&["backup"], 0);
    planted.place.sql("DELETE FROM plain WHERE id = 1; UPDATE plain SET m = 'a' WHERE id = 2");
    planted.runs(&["restore", "--tables", "plain", "--apply", "--yes"], 0);
    let rows = "SELECT string_agg(concat_ws(' ', id, format('%s', m), a), ', ' ORDER BY id) FROM plain";
    assert_eq!(planted.place.words(rows), "1 a 1, 2 b 2");
}

#[test]
fn a_foreign_key_is_not_checked_where_that_plans_over_code_of_a_lesser_role() {
    let planted = Planted::empty();
    planted.as_role(HARMLESS);
    planted.place.sql(
        "CREATE TABLE public.ours (id int PRIMARY KEY); INSERT INTO public.ours VALUES (1);
         GRANT REFERENCES, SELECT ON public.ours TO PUBLIC",
    );
    planted.as_role(
        "CREATE TABLE public.refers (id int REFERENCES public.ours); INSERT INTO public.refers VALUES (1);
         CREATE TABLE public.calm (id int REFERENCES public.ours); INSERT INTO public.calm VALUES (1);
         CREATE INDEX ON public.refers ((id + public.same(1)))",
    );
    planted.as_role(PLANTS);
    planted.runs(&["backup"], 0);
    planted.place.sql("DROP TABLE public.ours CASCADE");
    planted.runs(&["restore", "--tables", "ours", "--apply", "--yes"], 0);
    let keys = "SELECT string_agg(conrelid::regclass || ' ' || convalidated, ', ' ORDER BY conrelid::regclass::text) \
                FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace";
    assert_eq!(planted.place.words(keys), "calm true, refers false");
}

#[test]
fn what_the_owner_of_the_schema_puts_in_the_place_of_a_table_gets_no_row() {
    for (point, replaced) in [
        ("tables-created", "pgkeel_from_backup_t"),
        ("tables-copied", "pgkeel_from_backup_t"),
        ("tables-copied", "t"),
    ] {
        let planted = Planted::empty();
        planted.as_role(HARMLESS);
        planted.as_role(PLANTS);
        let role = planted.name().to_owned();
        planted.place.sql(&format!(
            "CREATE SCHEMA s AUTHORIZATION {role}; CREATE TABLE s.t (id int PRIMARY KEY); INSERT INTO s.t VALUES (1), (2)"
        ));
        planted.runs(&["backup"], 0);
        planted.place.sql("DELETE FROM s.t WHERE id = 1");
        let flag = planted.place.root().join("fault");
        let mut command = planted.place.command(&["restore", "--tables", "s.t", "--apply", "--yes"]);
        command.env("PGKEEL_FAULT", format!("{point}:{}", flag.display()));
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        poll::until(60, "the table", || flag.exists().then_some(()));
        PgConnection::establish(&planted.role.as_ref().unwrap().url())
            .unwrap()
            .batch_execute(&format!(
                "DROP TABLE s.{replaced} CASCADE; CREATE TABLE s.{replaced} (id int PRIMARY KEY);
                 INSERT INTO s.{replaced} VALUES (1), (2);
                 CREATE TRIGGER t BEFORE INSERT ON s.{replaced} FOR EACH ROW EXECUTE FUNCTION public.told();
                 CREATE INDEX ON s.{replaced} ((id + public.same(1)))"
            ))
            .unwrap();
        std::fs::remove_file(&flag).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(!output.status.success(), "{point} {replaced}");
        planted.rose_not(&format!("{point} {replaced}: {}", String::from_utf8_lossy(&output.stderr)));
    }
}
