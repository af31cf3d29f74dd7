//! The facts, one table per fact.

use super::*;

fn check<T: PartialEq + std::fmt::Debug>(fact: impl Fn(Facts) -> T, cases: &[(&str, T)]) {
    for (sql, expected) in cases {
        assert_eq!(&fact(Facts::of(sql)), expected, "{sql}");
    }
}

#[test]
fn the_verb_names_the_command() {
    check(
        |facts| facts.verb,
        &[
            ("", ""),
            ("create unique index concurrently i on t (a)", "CREATE INDEX CONCURRENTLY"),
            ("create unique index on t (a)", "CREATE INDEX"),
            ("Create Or Replace /* x */ Function f() returns int return 1", "CREATE FUNCTION"),
            ("create global temporary table t ()", "CREATE TABLE"),
            ("create tablespace x location 'y'", "CREATE TABLESPACE"),
            ("create constraint trigger x after insert on t", "CREATE TRIGGER"),
            ("create or replace trusted procedural language l", "CREATE LANGUAGE"),
            ("create recursive view v (a) as select 1", "CREATE VIEW"),
            ("create default conversion c for 'a' to 'b' from f", "CREATE CONVERSION"),
            ("alter table t add a int", "ALTER TABLE"),
            ("alter default privileges grant select on tables to r", "ALTER DEFAULT PRIVILEGES"),
            ("drop index concurrently i", "DROP INDEX CONCURRENTLY"),
            ("drop materialized view v", "DROP MATERIALIZED VIEW"),
            ("create \"table\" t", "CREATE"),
            ("insert into t values (1)", "INSERT"),
            ("do $$ $$", "DO"),
            ("with a as (select 1), update as (delete from t) insert into t select 1", "INSERT"),
            ("with recursive a as (values (1)) search depth first by x set update delete from t", "DELETE"),
            ("((select 1) union select 2)", "SELECT"),
            ("(with a as (update t set a = 1) select 1)", "SELECT"),
            ("table t", "TABLE"),
            ("explain (analyze, buffers) delete from t", "EXPLAIN"),
            ("reindex (verbose) table concurrently t", "REINDEX TABLE CONCURRENTLY"),
            ("reindex (concurrently) index i", "REINDEX INDEX CONCURRENTLY"),
            ("refresh materialized view concurrently v", "REFRESH MATERIALIZED VIEW CONCURRENTLY"),
            ("lock t", "LOCK TABLE"),
            ("rollback to a", "ROLLBACK TO"),
            ("frobnicate", "FROBNICATE"),
            ("'x'", "'X'"),
        ]
        .map(|(sql, verb)| (sql, verb.to_owned())),
    );
}

#[test]
fn a_lock_stronger_than_rows_is_known() {
    let rows = [
        "",
        "select 1",
        "insert into t values (1)",
        "update t set a = 1",
        "delete from t",
        "merge into t using s on true",
        "copy t from stdin",
        "with a as (select 1) delete from t",
        "do $$ $$",
        "call p()",
        "values (1)",
        "set role x",
        "create function f() returns int return 1",
        "create type e as enum ()",
        "create schema s",
        "create extension x",
        "create or replace procedure p() as ''",
        "create view v as select 1",
        "create sequence s",
        "create materialized view v as select 1",
        "comment on function f() is ''",
        "comment on schema s is ''",
        "alter type e add value 'a'",
        "alter type s.e rename value 'a' to 'b'",
        "alter role r login",
        "alter default privileges grant select on tables to r",
        "drop role r",
        "drop function f()",
        "grant select on t to r",
        "lock table t in row exclusive mode",
        "lock t in access share mode nowait",
        "explain select 1",
        "begin",
        "commit",
    ];
    let strong = [
        "alter table t add a int",
        "alter table t validate constraint c",
        "alter index i rename to j",
        "alter view v rename to w",
        "alter sequence s cache 10",
        "alter domain d add check (true)",
        "alter type c add attribute a int",
        "drop table t",
        "drop index i",
        "drop index concurrently i",
        "drop type t",
        "drop schema s",
        "drop function f() cascade",
        "truncate t",
        "create index on t (a)",
        "create index concurrently on t (a)",
        "create trigger x after insert on t",
        "create rule r as",
        "create policy p on t",
        "create table t ()",
        "create unlogged table t ()",
        "create or replace view v as select 1",
        "create statistics on a, b from t",
        "create publication p for table t",
        "create schema s create table t ()",
        "create foreign table t () server s",
        "lock table t",
        "lock t in share mode",
        "lock t in share row exclusive mode",
        "cluster",
        "reindex table t",
        "refresh materialized view v",
        "vacuum full t",
        "vacuum t",
        "analyze t",
        "comment on table t is ''",
        "comment on column t.a is ''",
        "security label on table t is ''",
        "reassign owned by r to s",
        "frobnicate t",
        "create frob f",
        "explain analyze refresh materialized view v",
        "import foreign schema s from server x into y",
    ];
    check(|facts| facts.lock, &rows.map(|sql| (sql, Lock::Rows)));
    check(|facts| facts.lock, &strong.map(|sql| (sql, Lock::Strong)));
}

#[test]
fn what_no_transaction_may_hold_is_known() {
    let forbidden = [
        "create database d",
        "drop database if exists d",
        "create tablespace t location ''",
        "drop tablespace t",
        "alter system set a = 1",
        "vacuum",
        "vacuum (full) t",
        "create unique index concurrently i on t (a)",
        "drop index concurrently if exists i",
        "reindex index concurrently i",
        "reindex (concurrently) table t",
        "reindex (verbose, concurrently on) table t",
        "reindex database d",
        "reindex (verbose) system d",
        "reindex schema s",
        "cluster",
        "cluster verbose",
        "cluster (verbose)",
        "alter table t detach partition p concurrently",
        "alter table if exists only s.t detach partition s.p concurrently",
        "create subscription s connection '' publication p",
        "create subscription s connection '' publication p with (copy_data = false)",
        "drop subscription s",
        "alter subscription s refresh publication",
        "alter subscription s set publication p",
        "alter subscription s add publication p with (copy_data = false)",
        "alter subscription s set (failover = true)",
        "alter database d set tablespace t",
        "discard all",
        "commit prepared 'x'",
        "rollback prepared 'x'",
    ];
    let any = [
        "refresh materialized view concurrently v",
        "create index i on t (a)",
        "create index \"concurrently\" on t (a)",
        "create index on concurrently (a)",
        "drop index i",
        "reindex table t",
        "reindex (concurrently false) table t",
        "reindex (concurrently off, verbose) index i",
        "reindex (tablespace concurrently) table t",
        "cluster t",
        "cluster verbose t using i",
        "alter table t detach partition p",
        "alter table t detach partition p finalize",
        "alter table t add column concurrently int",
        "create subscription s connection '' publication p with (connect = false)",
        "create subscription s connection '' publication p with (create_slot = 'off', slot_name = none)",
        "alter subscription s set publication p with (refresh = false)",
        "alter subscription s set (binary = true)",
        "alter subscription s disable",
        "alter database d set work_mem = 1",
        "discard plans",
        "alter type e add value 'a'",
        "analyze t",
        "select 1",
        "prepare transaction 'x'",
        "explain analyze select 1",
        "comment on database d is ''",
    ];
    check(|facts| facts.transaction, &forbidden.map(|sql| (sql, Transaction::Forbidden)));
    check(|facts| facts.transaction, &any.map(|sql| (sql, Transaction::Any)));
}

#[test]
fn transaction_control_is_known() {
    check(
        |facts| facts.control,
        &[
            ("begin", Some(Control::Begin)),
            ("Begin isolation level serializable", Some(Control::Begin)),
            ("start transaction read only", Some(Control::Begin)),
            ("commit", Some(Control::Commit)),
            ("end work", Some(Control::Commit)),
            ("commit and chain", Some(Control::Commit)),
            ("prepare transaction 'x'", Some(Control::Commit)),
            ("commit prepared 'x'", Some(Control::Commit)),
            ("rollback", Some(Control::Rollback)),
            ("rollback and chain", Some(Control::Rollback)),
            ("abort", Some(Control::Rollback)),
            ("rollback prepared 'x'", Some(Control::Rollback)),
            ("rollback to savepoint s", Some(Control::Savepoint)),
            ("rollback work to s", Some(Control::Savepoint)),
            ("rollback transaction to s", Some(Control::Savepoint)),
            ("savepoint s", Some(Control::Savepoint)),
            ("release s", Some(Control::Savepoint)),
            ("prepare x as select 1", None),
            ("\"begin\"", None),
            ("select 1", None),
        ],
    );
}

#[test]
fn the_setting_has_postgresqls_name() {
    check(
        |facts| facts.sets,
        &[
            ("set lock_timeout = '1s'", Some("lock_timeout")),
            ("SET LOCAL Lock_Timeout TO 0", Some("lock_timeout")),
            ("set session statement_timeout = 0", Some("statement_timeout")),
            ("set \"Search_Path\" to a", Some("search_path")),
            ("set schema 'a'", Some("search_path")),
            ("set local schema 'a'", Some("search_path")),
            ("set app.user = 'x'", Some("app.user")),
            ("set role x", Some("role")),
            ("set local role x", Some("role")),
            ("set session authorization x", Some("session_authorization")),
            ("set local session authorization x", Some("session_authorization")),
            ("set session session authorization x", Some("session_authorization")),
            ("set time zone 'utc'", Some("timezone")),
            ("set names 'utf8'", Some("client_encoding")),
            ("set transaction isolation level serializable", Some("transaction")),
            ("set session characteristics as transaction read only", Some("session_characteristics")),
            ("set constraints all deferred", None),
            ("reset all", Some("all")),
            ("reset role", Some("role")),
            ("reset session authorization", Some("session_authorization")),
            ("reset time zone", Some("timezone")),
            ("reset transaction isolation level", Some("transaction_isolation")),
            ("alter role r set a = 1", None),
            ("update t set a = 1", None),
        ]
        .map(|(sql, name)| (sql, name.map(str::to_owned))),
    );
}

#[test]
fn the_loss_of_data_is_known() {
    use Loss::{Drop, Truncate, UnqualifiedDelete, UnqualifiedUpdate};
    check(
        |facts| facts.loses,
        &[
            ("drop table t", Some(Drop)),
            ("drop owned by r", Some(Drop)),
            ("alter table t drop column a", Some(Drop)),
            ("alter table if exists only s.t * drop if exists a", Some(Drop)),
            ("alter table t add b numeric(1, 2), drop a cascade", Some(Drop)),
            ("alter foreign table t drop a", Some(Drop)),
            ("alter type t drop attribute a", Some(Drop)),
            ("alter table t drop constraint c", None),
            ("alter table t add b int, drop constraint c, alter a drop not null", None),
            ("alter table t alter a drop default", None),
            ("alter table drop alter a drop default", None),
            ("alter table t add check (f(a, drop))", None),
            ("truncate only t", Some(Truncate)),
            ("delete from t", Some(UnqualifiedDelete)),
            ("delete from t using s", Some(UnqualifiedDelete)),
            ("delete from t where a", None),
            ("delete from t where current of c", None),
            ("delete from t using (select 1 where true) s", Some(UnqualifiedDelete)),
            ("delete from t where a in (select 1)", None),
            ("update t set a = (select 1 where true)", Some(UnqualifiedUpdate)),
            ("update t set a = 1 where b", None),
            ("update t set a = 1 returning \"where\"", Some(UnqualifiedUpdate)),
            ("with a as (delete from t returning *) select * from a where b", Some(UnqualifiedDelete)),
            (
                "with a as materialized (select 1), b as not materialized (update t set a = 1) select 1",
                Some(UnqualifiedUpdate),
            ),
            ("with a as (delete from t where b) select 1", None),
            ("with a as (select 1 where b) delete from t", Some(UnqualifiedDelete)),
            ("with a as (select 1) delete from t where b", None),
            ("with update as (select 1), delete (a) as (select 1) select * from update", None),
            ("with a as (with b as (delete from t) select 1) select 1", Some(UnqualifiedDelete)),
            ("(with a as (delete from t returning 1) select 1)", Some(UnqualifiedDelete)),
            ("with a as (select 1) insert into t select 1 on conflict do update set a = 1", None),
            ("insert into t values (1) on conflict (a) do update set a = 1", None),
            ("select delete from t for update", None),
            ("merge into t using s on a when matched then delete", None),
            ("copy (delete from t returning *) to stdout", Some(UnqualifiedDelete)),
            ("copy (select 1) to stdout", None),
            ("prepare p (int) as delete from t", Some(UnqualifiedDelete)),
            ("prepare p as delete from t where a = $1", None),
            ("create table x as with a as (delete from t returning *) select 1", Some(UnqualifiedDelete)),
            ("create table x (a int generated always as (delete) stored)", None),
            ("explain delete from t", None),
            ("explain analyze delete from t", Some(UnqualifiedDelete)),
            ("explain (costs off, analyze) update t set a = 1", Some(UnqualifiedUpdate)),
            ("explain (analyze false) delete from t", None),
            ("create rule r as on update to t do instead delete from s", None),
            ("create function f() begin atomic delete from t; end", None),
            ("alter extension e drop table t", None),
        ],
    );
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
fn the_enum_that_grows_has_its_name() {
    let parts = |parts: &[&str]| Some(parts.iter().map(|part| (*part).to_owned()).collect::<Vec<_>>());
    check(
        |facts| facts.adds_enum_value,
        &[
            ("alter type Mood add value 'ok'", parts(&["mood"])),
            ("alter type s.\"Mood\" add value if not exists 'ok' before 'x'", parts(&["s", "Mood"])),
            ("alter type mood rename value 'a' to 'b'", None),
            ("alter type mood add attribute value int", None),
        ],
    );
}
