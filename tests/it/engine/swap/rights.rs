//! What keeps a role or a database from a swap is told before any work, with what mends it.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use pgkeel::engine::swap::{Lack, SwapError, rights};

use super::stage::{Stage, run, session};

/// What is lacking, each with its remedy.
fn lacks(stage: &Stage) -> Vec<String> {
    let lacks = rights(&mut session(&stage.opening)).unwrap();
    let told = |lack: &Lack| match lack.remedy_sql() {
        Some(sql) => format!("{lack}: {sql}"),
        None => lack.to_string(),
    };
    lacks.iter().map(told).collect()
}

#[test]
fn an_owner_who_may_not_end_the_applications_sessions_is_told_before_any_work() {
    let stage = Stage::new().owned_by("CREATEDB");
    // The application need not be there to be in the way.
    assert_eq!(
        lacks(&stage),
        ["role `owner` may not end sessions of role `app`, which works in the database: \
          GRANT pg_signal_backend TO \"owner\";"]
    );
    let before = stage.databases();
    let mut app = PgConnection::establish(&stage.url_as("app")).unwrap();
    app.batch_execute("INSERT INTO sold VALUES (1, 1)").unwrap();
    let error = run(&stage.there()).0.unwrap_err();
    let SwapError::CannotEnd { role, sessions, .. } = &error else { panic!("{error}") };
    assert_eq!((role.as_str(), sessions.len()), ("owner", 1));
    assert!(sessions[0].contains("role app"), "{error}");
    assert_eq!(stage.databases(), before);
    app.batch_execute("INSERT INTO sold VALUES (1, 2)").unwrap();

    stage.sql("GRANT pg_signal_backend TO owner");
    assert_eq!(lacks(&stage), Vec::<String>::new());
    assert_eq!(run(&stage.there()).0.unwrap().terminated, 1);
    assert!(app.batch_execute("SELECT 1").is_err());
}

#[test]
fn a_member_of_the_applications_role_needs_no_more() {
    let stage = Stage::new().owned_by("CREATEDB");
    stage.sql("GRANT app TO owner");
    assert_eq!(lacks(&stage), Vec::<String>::new());
    let _app = PgConnection::establish(&stage.url_as("app")).unwrap();
    assert_eq!(run(&stage.there()).0.unwrap().terminated, 1);
}

#[test]
fn who_works_in_the_database_is_known_by_grants_and_memberships() {
    let stage = Stage::new().owned_by("CREATEDB");
    stage.sql(
        "CREATE ROLE \"Reader\" LOGIN; CREATE ROLE readers; GRANT readers TO \"Reader\"; CREATE ROLE stranger LOGIN; \
         CREATE ROLE guest LOGIN; GRANT CONNECT ON DATABASE shop TO guest; CREATE ROLE maker LOGIN",
    );
    let mut shop = stage.cluster.connect("shop");
    shop.batch_execute("GRANT SELECT ON sold TO readers; CREATE SCHEMA made AUTHORIZATION maker").unwrap();
    drop(shop);
    let mut of: Vec<_> = rights(&mut session(&stage.opening))
        .unwrap()
        .into_iter()
        .filter_map(|lack| match lack {
            Lack::CannotTerminate { of, .. } => Some(of),
            _ => None,
        })
        .collect();
    of.sort();
    assert_eq!(of, ["Reader", "app", "guest", "maker"]);
}

#[test]
fn a_superusers_session_is_named_and_left_alone() {
    let stage = Stage::new().owned_by("CREATEDB");
    stage.sql("GRANT pg_signal_backend TO owner");
    assert_eq!(lacks(&stage), Vec::<String>::new());
    let before = stage.databases();
    let mut colleague = stage.cluster.connect("shop");
    colleague.batch_execute("SET application_name = 'colleague'").unwrap();
    assert_eq!(lacks(&stage), ["superuser `dev` is connected, whose sessions only a superuser may end"]);
    let error = run(&stage.there()).0.unwrap_err();
    assert!(
        error.to_string().starts_with("role `owner` may not end sessions that use the database `shop`: pid ")
            && error.to_string().contains(", role dev, application colleague"),
        "{error}"
    );
    colleague.batch_execute("SELECT 1").unwrap();
    assert_eq!(stage.databases(), before);
}

#[test]
fn a_role_that_may_create_no_database_and_a_stranger_are_told_what_to_ask_for() {
    let stage = Stage::new().owned_by("");
    stage.sql("GRANT app TO owner");
    let lack = "role `owner` may not create databases (CREATEDB), which renaming one takes: ALTER ROLE \"owner\" CREATEDB;";
    assert_eq!(lacks(&stage), [lack]);
    let before = stage.databases();
    assert!(run(&stage.there()).0.unwrap_err().to_string().contains("42501"));
    assert_eq!(stage.databases(), before);
    stage.sql("ALTER DATABASE shop OWNER TO app; REVOKE app FROM owner");
    let told = lacks(&stage);
    assert!(
        told.contains(
            &"`shop` belongs to role `app`, and role `owner` is no member of it: ALTER DATABASE \"shop\" OWNER TO \"owner\";"
                .to_owned()
        ),
        "{told:?}"
    );
}

#[test]
fn what_would_stay_with_the_old_database_is_told() {
    let stage = Stage::with(|spec| {
        for (name, value) in [("wal_level", "logical"), ("max_prepared_transactions", "5")] {
            spec.settings.push((name.to_owned(), value.to_owned()));
        }
    });
    let mut shop = stage.cluster.connect("shop");
    for sql in [
        "SELECT pg_create_logical_replication_slot('feed', 'pgoutput')",
        "CREATE SUBSCRIPTION news CONNECTION 'dbname=nowhere' PUBLICATION p WITH (connect = false)",
        "BEGIN; INSERT INTO sold VALUES (1, 1); PREPARE TRANSACTION 'half'",
        "ALTER DATABASE shop IS_TEMPLATE true",
    ] {
        shop.batch_execute(sql).unwrap();
    }
    drop(shop);
    assert_eq!(
        lacks(&stage),
        [
            "the prepared transaction `half` of role `dev` keeps the database from being renamed until it is committed or \
             rolled back",
            "the logical replication slot `feed` would stay with the old database",
            "the subscription `news` would stay with the old database",
            "`shop` is a template for other databases",
        ]
    );
    let postgres = super::stage::opening(&stage.cluster.running.url("postgres"));
    let lacks = rights(&mut session(&postgres)).unwrap();
    assert_eq!(lacks, [Lack::Maintenance { database: "postgres".into() }]);
}
