//! The facts that hold names and values, one table per fact.

use super::*;

fn parts(parts: &[&str]) -> Vec<String> {
    parts.iter().map(|part| (*part).to_owned()).collect()
}

#[test]
fn the_concurrent_index_has_its_names_as_the_catalog_has_them() {
    let index = |name: Option<&str>, table: &[&str], if_not_exists| {
        let table = table.iter().map(|part| (*part).to_owned()).collect();
        Some(ConcurrentIndex { name: name.map(str::to_owned), table, if_not_exists })
    };
    check(
        |facts| facts.concurrent_index,
        &[
            ("create index concurrently Abc on T (a)", index(Some("abc"), &["t"], false)),
            ("create unique index concurrently on t using gin (a)", index(None, &["t"], false)),
            (
                "create index concurrently if not exists \"A\"\"b\" on only S . \"T.u\" (a)",
                index(Some("A\"b"), &["s", "T.u"], true),
            ),
            (
                r#"create index concurrently U&"d\0061t\+000061 \\ \D83D\DE00" on db.s.é (a)"#,
                index(Some("data \\ 😀"), &["db", "s", "é"], false),
            ),
            ("create index i on t (a)", None),
            ("drop index concurrently i", None),
        ],
    );
}

#[test]
fn the_enum_that_grows_has_its_name_and_its_new_value() {
    let added = |type_name: &[&str], value: &str| {
        Some(EnumValue { type_name: parts(type_name), value: value.to_owned() })
    };
    check(
        |facts| facts.adds_enum_value,
        &[
            ("alter type Mood add value 'ok'", added(&["mood"], "ok")),
            (
                "alter type s.\"Mood\" add value if not exists 'it''s' before 'x'",
                added(&["s", "Mood"], "it's"),
            ),
            (r"alter type m add value E'a\x62\143\u0064\'\n''' after 'x'", added(&["m"], "abcd'\n'")),
            (r"alter type m add value e'\uD83D\uDE00\U0001F600'", added(&["m"], "😀😀")),
            (r"alter type m add value e'\xe2\x82\xac'", added(&["m"], "€")),
            ("alter type m add value $q$it's$q$", added(&["m"], "it's")),
            ("alter type m add value 'x'\n -- and\n 'y'", added(&["m"], "xy")),
            (r"alter type m add value U&'d\0061'", added(&["m"], "da")),
            ("alter type m add value U&'d!0061!!' uescape '!' before 'x'", added(&["m"], "da!")),
            ("alter type U&\"d!0061\" uescape '!' . t add value 'x'", added(&["da", "t"], "x")),
            ("alter type m add value n'x'", added(&["m"], "x")),
            (r"alter type m add value E'\xff'", None),
            ("alter type mood rename value 'a' to 'b'", None),
            ("alter type mood add attribute value int", None),
        ],
    );
}

#[test]
fn a_use_of_the_new_value_is_seen() {
    let uses = [
        "select 'ok'::mood",
        "select E'o\\x6b'",
        "select u&'!006fk' uescape '!'",
        "select 'o'\n'k'",
        "select $$ok$$",
        "insert into t values (1, 'ok')",
        "create table t (m mood default 'ok')",
        "select '{a,ok}'::mood[]",
        "select '{{\"ok\"}, {a}}'::mood[]",
        "do $$ begin perform 'ok'::mood; end $$",
        "do 'begin perform ''ok''::mood; end'",
        "do $$ begin execute $x$ update t set m = 'ok' $x$; end $$",
        "do $$ begin execute 'update t set m = ''ok'''; end $$",
        "create function f() returns mood language sql as $$ select 'ok'::mood $$",
        "create or replace function f() returns mood as 'select ''ok''::mood' language 'sql'",
        "create function f() returns mood begin atomic select 'ok'::mood; end",
        "create function f() returns mood return 'ok'::mood",
        "create function f(m mood default 'ok') returns int language plpgsql as ''",
        "create view v as select * from t where m = 'ok'",
    ];
    let none = [
        "select 'OK'",
        "select 'okay', ' ok'",
        "select ok, \"ok\" -- 'ok'",
        "select 1 /* 'ok' */",
        "select B'ok'",
        "select '{\"status\": \"ok\"}'::jsonb",
        "select 'it is ''ok'''",
        "comment on type mood is 'ok'",
        "alter type mood add value 'mid' before 'ok'",
        "alter type mood rename value 'ok' to 'okay'",
        "create function f() returns mood language plpgsql as $$ begin return 'ok'; end $$",
        "create function f() returns mood as $$ begin return 'ok'; end $$ language plpgsql",
    ];
    for sql in uses {
        assert!(uses_value(sql, "ok"), "{sql}");
    }
    for sql in none {
        assert!(!uses_value(sql, "ok"), "{sql}");
    }
    assert!(uses_value("select 'it''s'", "it's"));
}

#[test]
fn the_relation_that_is_locked_has_its_name() {
    let named = |cases: &[(&'static str, &[&str])]| {
        let cases: Vec<_> = cases.iter().map(|(sql, table)| (*sql, Some(parts(table)))).collect();
        check(|facts| facts.table, &cases);
    };
    named(&[
        ("alter table T add a int", &["t"]),
        ("alter table if exists only s.\"T\" * add a int", &["s", "T"]),
        ("alter table only (t) add a int", &["t"]),
        ("alter view if exists v rename to w", &["v"]),
        ("alter materialized view v rename to w", &["v"]),
        ("alter foreign table t add a int", &["t"]),
        ("alter sequence if exists s cache 10", &["s"]),
        ("alter index i attach partition j", &["i"]),
        ("alter table t detach partition p concurrently", &["t"]),
        ("drop table if exists db.s.t, u cascade", &["db", "s", "t"]),
        ("drop view v", &["v"]),
        ("drop materialized view if exists v", &["v"]),
        ("drop sequence s", &["s"]),
        ("drop index concurrently if exists s.i", &["s", "i"]),
        ("truncate t, u", &["t"]),
        ("truncate table only t", &["t"]),
        ("create unique index concurrently if not exists i on only s.t (on_)", &["s", "t"]),
        ("create index on t (a)", &["t"]),
        (
            "create trigger x before update of a, b or delete on s.t for each row execute function f()",
            &["s", "t"],
        ),
        ("create or replace constraint trigger x after insert on t from u", &["t"]),
        ("create policy p on t using (true)", &["t"]),
        ("create or replace rule r as on insert to t do nothing", &["t"]),
        ("alter policy p on t to r", &["t"]),
        ("drop policy if exists p on t", &["t"]),
        ("alter trigger x on t rename to y", &["t"]),
        ("drop trigger if exists x on s.t cascade", &["s", "t"]),
        ("drop rule r on t", &["t"]),
        ("lock table only t, u in exclusive mode", &["t"]),
        ("lock t", &["t"]),
        ("cluster verbose t using i", &["t"]),
        ("cluster (verbose) t", &["t"]),
        ("repack t", &["t"]),
        ("repack (concurrently, analyze) s.t (a, b) using index i", &["s", "t"]),
        ("reindex (verbose) table concurrently t", &["t"]),
        ("reindex index s.i", &["s", "i"]),
        ("refresh materialized view concurrently v", &["v"]),
        ("vacuum full verbose t", &["t"]),
        ("vacuum (full, analyze) t (a)", &["t"]),
        ("analyze t", &["t"]),
        ("comment on table t is ''", &["t"]),
        ("comment on column s.t.a is ''", &["s", "t"]),
        ("comment on constraint c on t is ''", &["t"]),
        ("comment on trigger x on s.t is ''", &["s", "t"]),
        ("comment on materialized view v is ''", &["v"]),
        ("create table if not exists p partition of s.t for values in (1)", &["s", "t"]),
        ("create table t (id int, parent int references t, u int references s.u (id))", &["s", "u"]),
        ("create table t (inherits int) inherits (u, v)", &["u"]),
        ("create statistics s (ndistinct) on a, (b + 1) from s.t", &["s", "t"]),
        ("create publication p for table only t, u", &["t"]),
        ("alter publication p add table t", &["t"]),
    ]);
    // Beyond the beginning that other facts look at.
    let columns: Vec<_> = (0..100).map(|n| format!("c{n}")).collect();
    let long = format!("create trigger x after update of {} on T execute function f()", columns.join(", "));
    assert_eq!(Facts::of(&long).table, Some(parts(&["t"])));
    let unknown = [
        "alter table all in tablespace a set tablespace b",
        "create table t (a int)",
        "create table t (id int primary key, parent int references t)",
        "create view v as select 1",
        "create or replace view v as select 1",
        "lock t in access share mode",
        "select * from t",
        "delete from t",
        "copy t from stdin",
        "vacuum",
        "cluster",
        "repack",
        "repack (verbose) using index",
        "wait for lsn '0/1'",
        "reindex schema s",
        "comment on schema s is ''",
        "comment on constraint c on domain d is ''",
        "alter type t add attribute a int",
        "drop type t",
        "drop function f() cascade",
        "create event trigger x on ddl_command_end execute function f()",
        "create publication p for all tables",
        "drop table",
    ];
    check(|facts| facts.table, &unknown.map(|sql| (sql, None)));
}

#[test]
fn what_no_transaction_holds_tells_where_to_look_afterwards() {
    use Evidence::*;
    let name = || "d".to_owned();
    let index = |index: &[&str]| Some(DropIndex { name: parts(index) });
    check(
        |facts| facts.evidence,
        &[
            ("create unique index concurrently i on t (a)", Some(CreateIndex)),
            ("drop index concurrently s.\"I\"", index(&["s", "I"])),
            ("drop index concurrently if exists i restrict", index(&["i"])),
            ("reindex index concurrently s.i", Some(Reindex(Reindexed::Index(parts(&["s", "i"]))))),
            ("reindex (concurrently, verbose) table t", Some(Reindex(Reindexed::Table(parts(&["t"]))))),
            ("reindex schema \"S\"", Some(Reindex(Reindexed::Schema("S".to_owned())))),
            ("reindex (verbose) database concurrently d", Some(Reindex(Reindexed::Database))),
            ("reindex database", Some(Reindex(Reindexed::Database))),
            ("reindex system d", Some(Reindex(Reindexed::System))),
            (
                "alter table if exists only s.t detach partition p concurrently",
                Some(DetachPartition { parent: parts(&["s", "t"]), partition: parts(&["p"]) }),
            ),
            (
                "alter table t * detach partition s.p concurrently",
                Some(DetachPartition { parent: parts(&["t"]), partition: parts(&["s", "p"]) }),
            ),
            // PostgreSQL runs it in a transaction block.
            ("alter table t detach partition p finalize", None),
            ("create database D template x", Some(CreateDatabase { name: name() })),
            ("drop database if exists d with (force)", Some(DropDatabase { name: name() })),
            ("create tablespace d location '/x'", Some(CreateTablespace { name: name() })),
            ("drop tablespace if exists d", Some(DropTablespace { name: name() })),
            ("create subscription d connection '' publication p", Some(CreateSubscription { name: name() })),
            ("create subscription d connection '' publication p with (connect = false)", None),
            ("drop subscription if exists d", Some(DropSubscription { name: name() })),
            (
                "alter subscription d add publication p, \"Q\" with (copy_data = false)",
                Some(AddPublications { subscription: name(), publications: parts(&["p", "Q"]) }),
            ),
            (
                "alter subscription d drop publication p",
                Some(DropPublications { subscription: name(), publications: parts(&["p"]) }),
            ),
            ("alter subscription d set publication p", Some(Repeatable)),
            ("alter subscription d refresh publication", Some(Repeatable)),
            ("alter subscription d disable", None),
            ("commit prepared 'it''s'", Some(FinishPrepared { gid: "it's".to_owned() })),
            ("vacuum (full) t", Some(Repeatable)),
            ("cluster", Some(Repeatable)),
            ("repack (concurrently) t", Some(Repeatable)),
            ("repack t", None),
            ("alter system set a = 1", Some(Repeatable)),
            ("alter database d set tablespace t", Some(Repeatable)),
            ("discard all", Some(Repeatable)),
            ("create index i on t (a)", None),
            ("select 1", None),
        ],
    );
}
