//! `restore --tables --apply` where the table is not alone: who may read what is kept, what depends on it, what it inherits,
//! and what the live table has become.

use super::{Hard, Who};
use crate::support::project::Ran;

const OWNERS: [Who; 3] = [Who::Superuser, Who::SuperuserForOwner, Who::Createdb];

fn apply(hard: &Hard, tables: &str) -> Ran {
    hard.place.run(&["restore", "latest", "--tables", tables, "--apply", "--yes"])
}

#[track_caller]
fn applied(hard: &Hard, tables: &str) -> Ran {
    let ran = apply(hard, tables);
    assert_eq!(ran.code, 0, "{:?}: {}", hard.who, ran.text());
    assert_eq!(hard.place.beside(), [""; 0], "{:?}", hard.who);
    ran
}

/// Default privileges give new tables to roles whose rows policies choose.
#[test]
fn replaced_rows_are_readable_by_the_owner_alone() {
    for who in OWNERS {
        let hard = Hard::new(
            who,
            &[],
            "CREATE TABLE secret (id int PRIMARY KEY, tenant text, word text); \
             ALTER TABLE secret ENABLE ROW LEVEL SECURITY; \
             CREATE POLICY own ON secret USING (tenant = current_user); \
             INSERT INTO secret SELECT g, 't' || g, 'x' FROM generate_series(1, 9) g; \
             ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, DELETE ON TABLES TO PUBLIC; \
             ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO pg_monitor WITH GRANT OPTION",
        );
        hard.backup();
        hard.place.sql("UPDATE secret SET word = 'y'");
        applied(&hard, "secret");
        assert_eq!(
            hard.place.words(
                "SELECT count(*) || ' ' || relrowsecurity FROM pg_class c, aclexplode(relacl) \
                 WHERE relname = 'pgkeel_replaced_secret' AND grantee <> relowner GROUP BY relrowsecurity \
                 UNION ALL SELECT 'rows ' || count(*) FROM pgkeel_replaced_secret"
            ),
            "rows 9",
            "{who:?}"
        );
        assert_eq!(
            hard.place.number(
                "SELECT count(*) FROM pg_class WHERE relname = 'pgkeel_replaced_secret' AND relrowsecurity"
            ),
            1
        );
    }
}

/// Default privileges that are newer than the table give nothing to the one that is created again.
#[test]
fn a_table_that_comes_back_has_the_grants_that_it_had() {
    for who in OWNERS {
        let hard = Hard::new(
            who,
            &[],
            "CREATE TABLE mine (id serial PRIMARY KEY); CREATE TABLE shared (id serial PRIMARY KEY); \
             GRANT SELECT (id), INSERT ON shared TO pg_monitor; GRANT SELECT ON shared TO PUBLIC; \
             CREATE VIEW seen AS SELECT * FROM mine; \
             ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO PUBLIC; \
             ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO pg_monitor",
        );
        hard.backup();
        // Grants are written in the order in which they were given.
        let grants = || {
            let mut all: Vec<String> = hard.schema().lines().map(str::to_owned).collect();
            all.sort();
            all
        };
        let before = grants();
        hard.place.sql("DROP TABLE mine, shared CASCADE");
        applied(&hard, "mine,shared");
        assert_eq!(grants(), before, "{who:?}");
    }
}

fn superusers(sql: &str) -> Hard {
    let hard = Hard::new(Who::Superuser, &[], sql);
    hard.backup();
    hard
}

#[track_caller]
fn refused(hard: &Hard, tables: &str, why: &str, next: &str) {
    let ran = apply(hard, tables);
    assert_eq!(ran.code, 3, "{}", ran.text());
    assert!(ran.stderr.contains(why), "{}", ran.text());
    assert!(ran.stderr.contains(next), "{}", ran.text());
    for name in hard.place.beside() {
        hard.place.sql(&format!("DROP DATABASE \"{name}\" WITH (FORCE)"));
    }
}

#[test]
fn values_that_have_no_place_are_named_and_nothing_is_written() {
    let hard = superusers(
        "CREATE TABLE o (id int PRIMARY KEY, price numeric(10,2), at timestamp, n int, note text); \
         INSERT INTO o SELECT g, g, now(), g, 'n' FROM generate_series(1, 9) g",
    );
    hard.place.sql("ALTER TABLE o DROP COLUMN note; DELETE FROM o WHERE id > 5");
    refused(
        &hard,
        "o",
        "has no column `note` of the backup",
        "ALTER TABLE public.o ADD COLUMN \"note\" text;",
    );
    hard.place.sql("ALTER TABLE o ADD note text; ALTER TABLE o RENAME price TO amount");
    refused(&hard, "o", "has no column `price`", "rename it back");
    hard.place.sql("ALTER TABLE o RENAME amount TO price; ALTER TABLE o ALTER at TYPE date");
    refused(&hard, "o", "column `at` of public.o is date now", "TYPE timestamp without time zone;");
    hard.place.sql("ALTER TABLE o ALTER at TYPE timestamp; ALTER TABLE o ALTER n TYPE bigint");
    assert_eq!(hard.place.number("SELECT count(*) FROM o"), 5);
    applied(&hard, "o");
    assert_eq!(hard.place.number("SELECT count(*) FROM o WHERE price = id AND n = id"), 9);
}

#[test]
fn rows_of_tables_that_inherit_come_back_where_they_were() {
    for drops in [false, true] {
        let hard = superusers(
            "CREATE TABLE p (id int PRIMARY KEY, v text); CREATE TABLE c (extra text) INHERITS (p); \
             INSERT INTO p VALUES (1, 'p'); INSERT INTO c VALUES (2, 'c', 'precious')",
        );
        let before = hard.place.contents(&hard.place.db.name);
        hard.place.sql(if drops { "DROP TABLE p CASCADE" } else { "DELETE FROM p" });
        applied(&hard, "p");
        assert_eq!(hard.place.contents(&hard.place.db.name), before, "{drops}");
        hard.place.sql("DELETE FROM p");
        applied(&hard, "c");
        assert_eq!(hard.place.words("SELECT string_agg(id || extra, ' ') FROM c"), "2precious");
        assert_eq!(hard.place.number("SELECT count(*) FROM p"), 1);
    }
}

const PARTS: &str = "CREATE TABLE p (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at); \
     CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2020-01-01') TO ('2021-01-01'); \
     CREATE TABLE p2 PARTITION OF p FOR VALUES FROM ('2021-01-01') TO ('2022-01-01'); \
     CREATE INDEX p_at ON p (at); \
     INSERT INTO p SELECT g, date '2020-06-01' + g FROM generate_series(1, 300) g";

#[test]
fn a_partition_that_was_dropped_comes_back_into_its_table() {
    for tables in ["p1", "p", "p,p1"] {
        for who in OWNERS {
            let hard = Hard::new(who, &[], PARTS);
            hard.backup();
            let before = hard.schema();
            hard.place.sql("DROP TABLE p1; DELETE FROM p WHERE id = 250");
            applied(&hard, tables);
            assert_eq!(hard.schema(), before, "{who:?} {tables}");
            let all = if tables == "p1" { 299 } else { 300 };
            assert_eq!(hard.place.number("SELECT count(*) FROM p"), all, "{who:?} {tables}");
        }
    }
    let hard = superusers(PARTS);
    hard.place.sql("DROP TABLE p1");
    let ran = hard.place.run(&["restore", "latest", "--tables", "p1", "--json"]);
    for line in ran.exits(0).json()["tables"][0]["byHand"].as_array().unwrap() {
        crate::commands::backup::shell(line.as_str().unwrap(), &hard.place.root(), &hard.place);
    }
    assert_eq!(hard.place.number("SELECT count(*) FROM p"), 300);
    hard.place.sql("DROP TABLE p");
    refused(&hard, "p1", "public.p1 is a partition of public.p, which", "`--tables 'public.p'`");
    applied(&hard, "p");
    hard.place.sql("ALTER TABLE p DETACH PARTITION p1");
    refused(
        &hard,
        "p",
        "public.p1 is a partition of public.p in the backup",
        "ALTER TABLE public.p ATTACH PARTITION public.p1 FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');",
    );
    hard.place.sql("DELETE FROM p1");
    applied(&hard, "p1");
    assert_eq!(hard.place.number("SELECT count(*) FROM p1"), 213);
}

const FAMILY: &str = "CREATE TABLE parent (id int PRIMARY KEY); INSERT INTO parent VALUES (1), (2); \
     CREATE TABLE child (id int PRIMARY KEY, p int REFERENCES parent); INSERT INTO child VALUES (1, 1), (2, 2); \
     COMMENT ON CONSTRAINT child_p_fkey ON child IS 'c'; \
     CREATE TABLE other (id int PRIMARY KEY); INSERT INTO other VALUES (1)";

#[test]
fn several_tables_come_back_in_the_order_of_their_keys_and_each_once() {
    for (who, tables) in
        OWNERS.into_iter().zip(["child,parent", "parent,child,child", "public.child,parent,PARENT"])
    {
        for changed in [
            "DROP TABLE child, parent",
            "DROP TABLE child; DELETE FROM parent",
            "DELETE FROM child; DELETE FROM parent",
            "DROP TABLE parent CASCADE",
            "DROP TABLE parent CASCADE; DELETE FROM child",
        ] {
            let hard = Hard::new(who, &[], FAMILY);
            hard.backup();
            hard.place.sql(changed);
            let ran =
                hard.place.run(&["restore", "latest", "--tables", tables, "--apply", "--yes", "--json"]);
            assert_eq!(ran.code, 0, "{who:?} {changed}: {}", ran.text());
            assert_eq!(ran.json()["tables"].as_array().unwrap().len(), 2);
            let joined = "SELECT count(*) FROM child JOIN parent ON p = parent.id";
            assert_eq!(hard.place.number(joined), 2, "{who:?} {changed}");
            let key = "SELECT count(*) FROM pg_constraint WHERE convalidated AND conname = 'child_p_fkey'";
            assert_eq!(hard.place.number(key), 1, "{who:?} {changed}");
        }
    }
}

#[test]
fn several_tables_come_back_or_none() {
    let hard = superusers(FAMILY);
    hard.place.sql("DROP TABLE child, parent, other; CREATE VIEW other AS SELECT 1 AS id");
    let is = "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class WHERE relkind IN ('r', 'v') AND relnamespace = 'public'::regnamespace";
    let before = hard.place.words(is);
    refused(&hard, "parent,other", "public.other of the live database is a view", "rename it");
    assert_eq!(hard.place.words(is), before);
    // What it fails at comes last.
    hard.place.sql(
        "DROP VIEW other; CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE child (id int PRIMARY KEY, p int \
         CONSTRAINT child_p_fkey REFERENCES parent)",
    );
    let before = hard.place.words(is);
    refused(
        &hard,
        "other,child",
        "refer to rows that public.parent does not have",
        "`--tables 'public.parent,public.other,public.child'`",
    );
    assert_eq!(hard.place.words(is), before);
    hard.place.sql("DROP TABLE child");
    let before = hard.place.words(is);
    refused(
        &hard,
        "other,child",
        "refer to rows that public.parent does not have",
        "--tables 'public.parent,",
    );
    assert_eq!(hard.place.words(is), before);
}

#[test]
fn a_backup_without_the_rows_is_refused() {
    let hard =
        Hard::new(Who::Superuser, &[], "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)");
    hard.place.sql("CREATE TABLE u (id int); INSERT INTO u VALUES (1); CREATE TABLE empty (id int)");
    hard.place.run(&["backup", "--schema-only", "--label", "bare"]).exits(0);
    hard.place.dump_with(&["-Fc", "--exclude-table-data=t"], "part.dump");
    hard.place.dump_with(&["-Fp", "-s"], "bare.sql");
    for change in ["DELETE FROM t", "DROP TABLE t"] {
        hard.place.sql(change);
        for from in ["bare", "part.dump", "bare.sql"] {
            let ran = hard.place.run(&["restore", from, "--tables", "t", "--apply", "--yes"]);
            assert!(ran.exits(3).stderr.contains("has no rows"), "{from}: {}", ran.text());
            for name in hard.place.beside() {
                hard.place.sql(&format!("DROP DATABASE \"{name}\" WITH (FORCE)"));
            }
        }
    }
    // One that is empty has no rows that could be missing.
    let ran = hard.place.run(&["restore", "part.dump", "--tables", "empty", "--apply", "--yes"]);
    assert_eq!(ran.code, 0, "{}", ran.text());
}

/// Other writers wait no longer than behind a migration, and the session in the way is named.
#[test]
fn writers_do_not_wait_behind_it_while_it_waits() {
    use diesel::Connection;
    use diesel::connection::SimpleConnection;
    let hard = superusers(
        "CREATE TABLE t (id int PRIMARY KEY, v int); INSERT INTO t SELECT g, 0 FROM generate_series(1, 99) g",
    );
    hard.place.sql("DELETE FROM t WHERE id < 50");
    let connect = || diesel::PgConnection::establish(&hard.place.db.url).unwrap();
    let mut holder = connect();
    holder
        .batch_execute("SET application_name = 'the holder'; BEGIN; UPDATE t SET v = 1 WHERE id = 60")
        .unwrap();
    let mut running = hard
        .place
        .command(&["restore", "latest", "--tables", "t", "--apply", "--yes"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let waits = || {
        crate::support::poll::until(60, "it waits for the lock", || {
            let waits = "SELECT count(*) FROM pg_locks WHERE relation = to_regclass('t') AND NOT granted";
            (hard.place.number(waits) > 0).then_some(())
        });
    };
    waits();
    connect().batch_execute("SET lock_timeout = '5s'; UPDATE t SET v = 2 WHERE id = 70").unwrap();
    // It tries again, and has named who was in its way.
    waits();
    holder.batch_execute("COMMIT").unwrap();
    assert!(running.wait().unwrap().success());
    let mut said = String::new();
    std::io::Read::read_to_string(&mut running.stderr.take().unwrap(), &mut said).unwrap();
    assert!(said.contains("application the holder"), "{said}");
    assert_eq!(hard.place.number("SELECT count(*) FROM t"), 99);
}

#[test]
fn what_fell_with_a_table_comes_back_or_is_named() {
    let hard = superusers(
        "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1); CREATE VIEW v AS SELECT * FROM t; \
         CREATE VIEW w AS SELECT * FROM v; CREATE MATERIALIZED VIEW m AS SELECT * FROM w; \
         GRANT SELECT ON w TO PUBLIC; CREATE INDEX m_id ON m (id); CREATE PUBLICATION pub FOR TABLE t; \
         CREATE FUNCTION f(t) RETURNS int LANGUAGE sql AS 'SELECT 1'; \
         CREATE TABLE u (id int); ALTER TABLE u ENABLE ROW LEVEL SECURITY; \
         CREATE POLICY seen ON u USING (id IN (SELECT id FROM t))",
    );
    hard.place.sql("DROP TABLE t CASCADE");
    let ran = applied(&hard, "t");
    for word in [
        "public.v, public.w, public.m",
        "function public.f(public.t)",
        "policy seen on table public.u",
        "`pub`",
    ] {
        assert!(ran.stdout.contains(word), "{word}: {}", ran.text());
    }
    assert_eq!(hard.place.number("SELECT count(*) FROM m"), 1);
    assert_eq!(hard.place.number("SELECT count(*) FROM pg_publication_rel"), 1);
    assert_eq!(hard.place.number("SELECT count(*) FROM pg_indexes WHERE indexname = 'm_id'"), 1);
}

#[test]
fn unique_values_that_changed_places_come_back() {
    for (constraint, more) in [
        ("UNIQUE", ""),
        ("NOT NULL UNIQUE", ""),
        ("UNIQUE", "CREATE TABLE r (t int REFERENCES t); INSERT INTO r VALUES (3);"),
        (
            "NOT NULL UNIQUE",
            "CREATE TABLE r (t int REFERENCES t ON DELETE CASCADE); INSERT INTO r VALUES (3);",
        ),
        ("", "CREATE UNIQUE INDEX ON t ((u + 1));"),
        ("UNIQUE", "ALTER TABLE t ADD later text DEFAULT 'kept';"),
        ("", "ALTER TABLE t ADD EXCLUDE USING btree (u WITH =);"),
    ] {
        let hard = superusers(&format!(
            "CREATE TABLE t (id int PRIMARY KEY, u int {constraint}); INSERT INTO t SELECT g, g FROM generate_series(1, 9) g; {more}"
        ));
        let has_more = more.contains("TABLE");
        if has_more && !more.contains("EXCLUDE") {
            hard.place.sql("ALTER TABLE t ADD newest text; UPDATE t SET newest = 'kept'");
        }
        hard.place.sql("UPDATE t SET u = -u; UPDATE t SET u = 10 + u");
        applied(&hard, "t");
        assert_eq!(hard.place.number("SELECT count(*) FROM t WHERE u = id"), 9, "{constraint} {more}");
        if has_more && !more.contains("EXCLUDE") {
            assert_eq!(hard.place.number("SELECT count(*) FROM t WHERE newest = 'kept'"), 9);
        }
        let nulls = i64::from(!constraint.contains("NOT NULL"));
        let is = "SELECT count(*) FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'u' AND NOT attnotnull";
        assert_eq!(hard.place.number(is), nulls);
    }
}
