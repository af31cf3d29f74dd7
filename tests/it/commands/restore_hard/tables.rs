//! `restore --tables --apply`: a table or its rows come back, and no live row is lost.

use super::{Hard, Who};

const OWNERS: [Who; 3] = [Who::Superuser, Who::SuperuserForOwner, Who::Createdb];

fn orders(who: Who) -> Hard {
    let hard = Hard::new(
        who,
        &[],
        "CREATE TABLE ord (id serial PRIMARY KEY, m text, at json DEFAULT '{}', up text GENERATED ALWAYS AS (upper(m)) STORED); \
         INSERT INTO ord (m) SELECT 'old' || g FROM generate_series(1, 5) g; \
         CREATE TABLE line (ord int REFERENCES ord, n int); INSERT INTO line VALUES (1, 1); \
         CREATE FUNCTION touched() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.m := NEW.m || '!'; RETURN NEW; END $$; \
         CREATE TRIGGER touched BEFORE UPDATE ON ord FOR EACH ROW EXECUTE FUNCTION touched(); \
         GRANT SELECT ON ord TO PUBLIC",
    );
    hard.backup();
    hard
}

fn apply(hard: &Hard, tables: &str) -> serde_json::Value {
    let ran = hard.place.run(&["restore", "latest", "--tables", tables, "--apply", "--yes", "--json"]);
    assert_eq!(ran.code, 0, "{:?}: {}", hard.who, ran.text());
    assert_eq!(hard.place.beside(), [""; 0], "{:?}", hard.who);
    ran.json()["tables"][0]["applied"].clone()
}

fn olds(hard: &Hard) -> String {
    hard.place.words("SELECT string_agg(id || ' ' || m, ', ' ORDER BY id) FROM ord")
}

const ALL: &str = "1 old1, 2 old2, 3 old3, 4 old4, 5 old5";

#[test]
fn rows_that_were_deleted_come_back() {
    for who in OWNERS {
        let hard = orders(who);
        hard.place.sql("DELETE FROM ord WHERE id > 3; INSERT INTO ord (m) VALUES ('new')");
        let applied = apply(&hard, "ord");
        assert_eq!(
            (&applied["inserted"], &applied["updated"], &applied["left"]),
            (&2.into(), &0.into(), &1.into())
        );
        assert_eq!(olds(&hard), format!("{ALL}, 6 new"), "{who:?}");
        hard.place.sql("INSERT INTO ord (m) VALUES ('next')");
    }
}

#[test]
fn rows_that_were_changed_come_back_and_the_changed_ones_are_kept() {
    for who in OWNERS {
        let hard = orders(who);
        hard.place.sql(
            "ALTER TABLE ord DISABLE TRIGGER touched; UPDATE ord SET m = 'broken' WHERE id IN (2, 4); \
                        ALTER TABLE ord ENABLE ALWAYS TRIGGER touched",
        );
        let applied = apply(&hard, "ord");
        assert_eq!(
            (&applied["inserted"], &applied["updated"], &applied["left"]),
            (&0.into(), &2.into(), &0.into())
        );
        assert_eq!(olds(&hard), ALL, "{who:?}");
        let kept = applied["replaced"].as_str().unwrap();
        assert_eq!(
            hard.place.words(&format!("SELECT string_agg(id || m, ' ' ORDER BY id) FROM {kept}")),
            "2broken 4broken"
        );
        assert_eq!(hard.place.words("SELECT tgenabled::text FROM pg_trigger WHERE tgname = 'touched'"), "A");
        assert_eq!(hard.place.number("SELECT count(*) FROM ord WHERE up = upper(m)"), 5);
    }
}

#[test]
fn a_table_that_was_emptied_and_filled_again_gets_its_rows_and_its_sequence() {
    for who in OWNERS {
        let hard = orders(who);
        hard.place
            .sql("TRUNCATE ord RESTART IDENTITY CASCADE; INSERT INTO ord (m) VALUES ('new1'), ('new2')");
        let applied = apply(&hard, "ord");
        assert_eq!(
            (&applied["inserted"], &applied["updated"], &applied["left"]),
            (&3.into(), &2.into(), &0.into())
        );
        assert_eq!(olds(&hard), ALL, "{who:?}");
        let kept = applied["replaced"].as_str().unwrap();
        assert_eq!(
            hard.place.words(&format!("SELECT string_agg(m, ' ' ORDER BY id) FROM {kept}")),
            "new1 new2"
        );
        hard.place.sql("INSERT INTO ord (m) VALUES ('next')");
        assert_eq!(hard.place.number("SELECT max(id) FROM ord"), 6);
    }
}

#[test]
fn a_table_that_was_dropped_comes_back_whole() {
    for who in OWNERS {
        let hard = orders(who);
        let before = hard.schema();
        hard.place.sql("DROP TABLE ord CASCADE");
        let applied = apply(&hard, "public.ord");
        assert_eq!((&applied["created"], &applied["inserted"]), (&true.into(), &5.into()), "{who:?}");
        assert_eq!(olds(&hard), ALL, "{who:?}");
        assert_eq!(hard.schema(), before, "{who:?}");
        hard.place.sql("INSERT INTO ord (m) VALUES ('next')");
    }
}

#[test]
fn rows_without_a_key_are_not_doubled() {
    let hard = Hard::new(
        Who::Superuser,
        &[],
        "CREATE TABLE log (line text, at point); INSERT INTO log VALUES ('a', '(1,2)'), ('a', '(1,2)'), ('b', NULL)",
    );
    hard.backup();
    hard.place.sql("DELETE FROM log WHERE ctid = '(0,1)'; INSERT INTO log VALUES ('c', NULL)");
    let applied = apply(&hard, "log");
    assert_eq!((&applied["inserted"], &applied["left"]), (&1.into(), &1.into()), "{applied}");
    assert_eq!(hard.place.words("SELECT string_agg(line, ' ' ORDER BY line) FROM log"), "a a b c");
}

#[test]
fn names_are_taken_as_sql_writes_them() {
    let hard = Hard::new(
        Who::Superuser,
        &[],
        "CREATE SCHEMA \"Odd, schema\"; CREATE TABLE \"Odd, schema\".\"T \"\"x\"\"\" (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, \"N n\" text); \
         INSERT INTO \"Odd, schema\".\"T \"\"x\"\"\" (\"N n\") VALUES ('a'), ('b'); CREATE TABLE plain (i int PRIMARY KEY); \
         INSERT INTO plain VALUES (1)",
    );
    hard.backup();
    hard.place.sql("DELETE FROM \"Odd, schema\".\"T \"\"x\"\"\" WHERE id = 1; DELETE FROM plain");
    apply(&hard, "\"Odd, schema\".\"T \"\"x\"\"\",PLAIN");
    assert_eq!(
        hard.place.words("SELECT string_agg(\"N n\", ' ' ORDER BY id) FROM \"Odd, schema\".\"T \"\"x\"\"\""),
        "a b"
    );
    assert_eq!(hard.place.number("SELECT count(*) FROM plain"), 1);
}

#[test]
fn the_commands_that_are_shown_do_the_same() {
    let hard = orders(Who::Superuser);
    hard.place.sql("TRUNCATE ord RESTART IDENTITY CASCADE; INSERT INTO ord (m) VALUES ('new1'), ('new2')");
    let ran = hard.place.run(&["restore", "latest", "--tables", "ord", "--json"]);
    let tables = ran.exits(0).json()["tables"].clone();
    for line in tables[0]["byHand"].as_array().unwrap() {
        crate::commands::backup::shell(line.as_str().unwrap(), &hard.place.root(), &hard.place);
    }
    assert_eq!(olds(&hard), ALL);
    hard.place.sql("INSERT INTO ord (m) VALUES ('next')");
    hard.place.sql("DROP TABLE ord CASCADE");
    for name in hard.place.beside() {
        hard.place.sql(&format!("DROP DATABASE \"{name}\" WITH (FORCE)"));
    }
    let ran = hard.place.run(&["restore", "latest", "--tables", "ord", "--json"]);
    let tables = ran.exits(0).json()["tables"].clone();
    for line in tables[0]["byHand"].as_array().unwrap() {
        crate::commands::backup::shell(line.as_str().unwrap(), &hard.place.root(), &hard.place);
    }
    assert_eq!(olds(&hard), ALL);
}

#[test]
fn a_side_database_gives_way_to_the_next_one() {
    for who in OWNERS {
        let hard = orders(who);
        hard.place.sql("DELETE FROM ord WHERE id > 3");
        hard.place.run(&["restore", "latest", "--tables", "ord"]).exits(0);
        let side = hard.place.beside();
        assert_eq!(side.len(), 1, "{who:?}");
        let status = hard.place.run(&["status"]);
        let line = format!("drop it: DROP DATABASE \"{}\";", side[0]);
        assert!(
            status.stdout.contains("side database: ") && status.stdout.contains(&line),
            "{}",
            status.text()
        );
        assert_eq!(
            hard.place.run(&["status", "--json"]).json()["sideDatabases"][0]["name"],
            side[0].as_str()
        );
        assert!(hard.place.run(&["restore", "--list"]).stdout.contains(&side[0]));
        hard.place.run(&["restore", "latest", "--tables", "ord"]).exits(0);
        assert_eq!(hard.place.beside(), side, "{who:?}");
        apply(&hard, "ord");
        assert_eq!(olds(&hard), ALL, "{who:?}");
    }
}

#[test]
fn a_database_of_the_user_does_not_give_way() {
    let hard = orders(Who::Superuser);
    hard.place.run(&["restore", "latest", "--tables", "ord"]).exits(0);
    let side = hard.place.beside().remove(0);
    hard.place.sql(&format!("COMMENT ON DATABASE \"{side}\" IS 'mine now'"));
    let ran = hard.place.run(&["restore", "latest", "--tables", "ord", "--apply", "--yes"]);
    assert!(ran.exits(3).stderr.contains(&format!("DROP DATABASE \"{side}\"")), "{}", ran.text());
}

#[test]
fn a_table_that_the_backup_does_not_have_is_refused_before_anything_is_restored() {
    let hard = orders(Who::Createdb);
    for wanted in ["ordd", "ord,nothing", "public.\"Ord\""] {
        let ran = hard.place.run(&["restore", "latest", "--tables", wanted, "--apply", "--yes"]);
        assert!(ran.exits(2).stderr.contains("there is no table `"), "{}", ran.text());
        assert_eq!(hard.place.beside(), [""; 0]);
    }
}

#[test]
fn what_fails_leaves_nothing_in_the_live_database() {
    for who in OWNERS {
        let hard = orders(who);
        hard.place.sql("DELETE FROM ord WHERE id > 3; ALTER TABLE ord ADD CHECK (m <> 'old4')");
        let before = hard.schema();
        let ran = hard.place.run(&["restore", "latest", "--tables", "ord", "--apply", "--yes"]);
        assert!(ran.code == 1 && ran.stderr.contains("ord_m_check"), "{who:?}: {}", ran.text());
        assert_eq!(hard.schema(), before, "{who:?}");
        assert_eq!(hard.place.number("SELECT count(*) FROM ord"), 3, "{who:?}");
    }
}

#[test]
fn a_table_that_comes_back_has_the_privileges_that_it_had() {
    for who in [Who::Superuser, Who::Createdb] {
        let hard = orders(who);
        hard.sql_as_owner(
            "ALTER DEFAULT PRIVILEGES GRANT DELETE ON TABLES TO PUBLIC; ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO PUBLIC; \
             ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT UPDATE ON TABLES TO PUBLIC",
        );
        let before = hard.schema();
        hard.place.sql("DROP TABLE ord CASCADE");
        let applied = apply(&hard, "ord");
        assert_eq!((&applied["created"], &applied["inserted"]), (&true.into(), &5.into()), "{who:?}");
        assert_eq!(hard.schema(), before, "{who:?}");
        // One that cannot come back leaves nothing.
        hard.place.sql("ALTER TABLE ord RENAME CONSTRAINT ord_pkey TO was; DROP TABLE ord CASCADE; CREATE TABLE ord_pkey ()");
        let before = hard.schema();
        let ran = hard.place.run(&["restore", "latest", "--tables", "ord", "--apply", "--yes"]);
        assert_eq!(ran.code, 1, "{who:?}: {}", ran.text());
        assert_eq!(hard.schema(), before, "{who:?}");
    }
}
