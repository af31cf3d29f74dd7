//! Functions that find others by the search_path of the session.

use super::{EVERYBODY, Hard, Who};
use crate::support::restored::Place;
use crate::support::role::Role;

const GENERATED: &str = "CREATE FUNCTION public.mk_slug(t text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS \
       $$ BEGIN RETURN lower(unaccent(t)); END $$; \
     CREATE TABLE article (id int PRIMARY KEY, title text, slug text GENERATED ALWAYS AS (mk_slug(title)) STORED); \
     INSERT INTO article (id, title) VALUES (1, 'Été'), (2, 'Bar')";

const INDEXED: &str = "CREATE FUNCTION public.fold(t text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS \
       $$ SELECT lower(unaccent('unaccent', t)) $$; \
     CREATE TABLE person (id int PRIMARY KEY, nm text); CREATE INDEX person_fold ON person (fold(nm)); \
     INSERT INTO person VALUES (1, 'Éa'), (2, 'Bo')";

const CHECKED: &str = "CREATE SCHEMA app; SET search_path = app, public; \
     CREATE TABLE allowed (k text PRIMARY KEY); INSERT INTO allowed VALUES ('a'), ('b'); \
     CREATE FUNCTION is_allowed(t text) RETURNS boolean LANGUAGE sql STABLE AS \
       $$ SELECT EXISTS (SELECT FROM allowed WHERE k = t) $$; \
     CREATE TABLE a_first (k text CHECK (is_allowed(k))); INSERT INTO a_first VALUES ('a'), ('b'); \
     COMMENT ON CONSTRAINT a_first_k_check ON a_first IS 'by the table'";

/// Those for whom functions find what is in public. Before 15 everybody may create there, while a superuser restores in place.
fn searchers() -> impl Iterator<Item = Who> {
    let is_open = Place::new().number("SELECT current_setting('server_version_num')::int") < 150_000;
    EVERYBODY.into_iter().filter(move |who| !(is_open && *who == Who::SuperuserInPlace))
}

#[test]
fn functions_without_a_search_path_are_loaded_and_left_as_they_were() {
    for who in searchers() {
        for sql in [GENERATED, INDEXED] {
            // Since 17 an index is made with a safe search_path, in the live database as well.
            let hard = Hard::new(who, &["unaccent"], "SELECT 1");
            if sql == INDEXED
                && hard.place.number("SELECT current_setting('server_version_num')::int") >= 170_000
            {
                continue;
            }
            drop(hard);
            let hard = Hard::new(who, &["unaccent"], sql);
            hard.goes_round();
            if sql == GENERATED {
                let slugs = hard.place.words("SELECT string_agg(slug, ' ' ORDER BY id) FROM article");
                assert_eq!(slugs, "ete bar", "{who:?}");
            }
            let left =
                hard.place.number("SELECT count(*) FROM pg_proc WHERE proconfig::text LIKE '%search_path%'");
            assert_eq!(left, 0, "{who:?}");
        }
    }
}

#[test]
fn a_check_that_reads_another_table_is_loaded_after_it() {
    for who in EVERYBODY {
        let hard = Hard::new(who, &[], CHECKED);
        hard.goes_round();
        assert_eq!(hard.place.number("SELECT count(*) FROM app.a_first"), 2, "{who:?}");
        assert_eq!(
            hard.place.number("SELECT count(*) FROM pg_constraint WHERE NOT convalidated"),
            0,
            "{who:?}"
        );
    }
}

#[test]
fn a_materialized_view_that_runs_a_text_is_filled() {
    for who in searchers() {
        let hard = Hard::new(
            who,
            &[],
            "CREATE TABLE page (id int PRIMARY KEY, body text); INSERT INTO page VALUES (1, 'red green'), (2, 'green blue')",
        );
        if hard.place.number("SELECT current_setting('server_version_num')::int") >= 170_000 {
            return;
        }
        drop(hard);
        let hard = Hard::new(
            who,
            &[],
            "CREATE TABLE page (id int PRIMARY KEY, body text); INSERT INTO page VALUES (1, 'red green'), (2, 'green blue'); \
             CREATE MATERIALIZED VIEW page_words AS \
               SELECT word, ndoc FROM ts_stat('SELECT to_tsvector(''simple'', body) FROM page')",
        );
        hard.goes_round();
        assert_eq!(hard.place.number("SELECT count(*) FROM page_words"), 3, "{who:?}");
    }
}

#[test]
fn a_schema_in_which_another_role_may_create_is_not_searched_for_a_superuser() {
    let mut place = Place::new();
    place.file("pgkeel.toml", "");
    let evil = Role::new(&mut place, "");
    place.sql(&format!(
        "CREATE TABLE loot (line text); GRANT INSERT ON loot TO PUBLIC; \
         CREATE SCHEMA lib; GRANT USAGE, CREATE ON SCHEMA lib TO {0}; \
         CREATE FUNCTION lib.mark(t varchar) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT t::text'; \
         CREATE FUNCTION public.tag(t varchar) RETURNS text LANGUAGE plpgsql IMMUTABLE AS \
           'BEGIN RETURN mark(t); END'; \
         ALTER DATABASE {1} SET search_path = lib, public; SET search_path = lib, public; \
         CREATE TABLE kept (t varchar, tagged text GENERATED ALWAYS AS (public.tag(t)) STORED); \
         INSERT INTO kept VALUES ('x'); \
         SET ROLE {0}; CREATE FUNCTION lib.upper(t varchar) RETURNS text LANGUAGE plpgsql AS \
           'BEGIN INSERT INTO public.loot SELECT current_user; RETURN t; END'; RESET ROLE",
        evil.name, place.db.name
    ));
    place.run(&["backup"]).exits(0);
    let ran = place.run(&["restore", "latest", "--yes"]);
    assert_eq!(ran.code, 1, "{}", ran.text());
    assert_eq!(place.number("SELECT count(*) FROM kept"), 1);
    assert_eq!(place.beside(), [""; 0]);
    // What the owner of the code may do is for the operator to say.
    place.run(&["restore", "latest", "--yes", "--trust-code-of", &evil.name]).exits(0);
    assert_eq!(place.words("SELECT tagged FROM kept"), "x");
    for name in place.beside() {
        place.sql(&format!("DROP DATABASE \"{name}\" WITH (FORCE)"));
    }
}
