//! What the examples promise about their data: who sees what, what cannot be changed, what survives a move.

use diesel::connection::SimpleConnection;
use diesel::result::{DatabaseErrorKind, Error};
use diesel::{Connection, PgConnection};

use super::{CONTEXTKEEPER, DEVMETRICS, Project, VIRAL_DASHBOARD};
use crate::support::cluster::number;
use crate::support::role::Role;

const ADA: &str = "00000000-0000-4000-8001-000000000001";
const TENANT_A: &str = "00000000-0000-4000-8001-000000000001";
const TENANT_B: &str = "00000000-0000-4000-8001-000000000002";

/// A session of the application's role, which may read and write all tables and owns none.
fn application(project: &mut Project) -> (Role, PgConnection) {
    let role = Role::new(project, "");
    project.sql(&format!(
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}",
        role.name
    ));
    let connection = PgConnection::establish(&role.url()).unwrap();
    (role, connection)
}

/// What the server says about SQL that must fail.
#[track_caller]
fn refusal(connection: &mut PgConnection, sql: &str) -> String {
    match connection.batch_execute(sql) {
        Err(Error::DatabaseError(_, said)) => said.message().to_owned(),
        other => panic!("`{sql}` should be refused: {other:?}"),
    }
}

fn count(connection: &mut PgConnection, what: &str) -> i64 {
    number(connection, &format!("SELECT count(*) AS value FROM {what}"))
}

#[test]
fn a_purge_takes_who_left_long_ago_and_leaves_the_audit_trail() {
    let project = CONTEXTKEEPER.seeded();
    let trail = project.number("SELECT count(*) FROM audit_logs");
    project.sql("DELETE FROM users WHERE deleted_at < now() - INTERVAL '30 days'");
    assert_eq!(
        project.words("SELECT string_agg(email, ' ' ORDER BY email) FROM users WHERE email LIKE 'gone%'"),
        "gone29@example.com"
    );
    assert_eq!(project.number("SELECT count(*) FROM audit_logs"), trail);
    assert_eq!(
        project.words("SELECT string_agg(action, ' ') FROM audit_logs WHERE user_id IS NULL"),
        "user.delete"
    );
}

#[test]
fn the_audit_trail_cannot_be_rewritten_except_by_the_retention_job() {
    let project = CONTEXTKEEPER.seeded();
    let mut session = project.db.connect();
    for sql in [
        "UPDATE audit_logs SET action = 'nothing'",
        "UPDATE audit_logs SET user_id = NULL",
        "DELETE FROM audit_logs",
    ] {
        assert_eq!(refusal(&mut session, sql), "audit_logs is append-only", "{sql}");
    }
    project.sql("SELECT set_config('app.retention_job', 'on', true); DELETE FROM audit_logs WHERE id = -1");
    assert_eq!(project.number("SELECT count(*) FROM audit_logs"), 4);
}

#[test]
fn a_key_in_plain_text_is_refused() {
    for example in [CONTEXTKEEPER, DEVMETRICS] {
        let project = example.seeded();
        let refused = project.db.connect().batch_execute("UPDATE api_keys SET key_hash = 'ck_dev_live'");
        assert!(
            matches!(refused, Err(Error::DatabaseError(DatabaseErrorKind::CheckViolation, _))),
            "{refused:?}"
        );
    }
}

#[test]
fn a_user_sees_and_deletes_their_own_sessions_only() {
    let mut project = CONTEXTKEEPER.seeded();
    let (_role, mut session) = application(&mut project);
    let delete = "SELECT soft_delete_session((SELECT id FROM sessions))";
    assert_eq!((count(&mut session, "sessions"), count(&mut session, "users")), (0, 0));
    session.batch_execute(&format!("SELECT set_config('app.user_id', '{ADA}', false)")).unwrap();
    assert_eq!((count(&mut session, "session_files"), count(&mut session, "users")), (2, 1));
    session.batch_execute(delete).unwrap();
    assert_eq!((count(&mut session, "sessions"), count(&mut session, "session_files")), (0, 0));
    assert_eq!(project.number("SELECT count(*) FROM sessions WHERE deleted_at IS NOT NULL"), 1);
}

#[test]
fn what_is_written_for_one_tenant_is_not_there_for_another() {
    let mut project = VIRAL_DASHBOARD.seeded();
    let (_role, mut session) = application(&mut project);
    let mut become_tenant = |tenant: &str| {
        session.batch_execute(&format!("SELECT set_config('app.tenant_id', '{tenant}', false)")).unwrap();
        count(&mut session, "generations")
    };
    assert_eq!([become_tenant(""), become_tenant(TENANT_A), become_tenant(TENANT_B)], [0, 3, 3]);
    become_tenant(TENANT_A);
    let insert = |tenant| format!("INSERT INTO generations (tenant_id, status) VALUES ('{tenant}', 'new')");
    session.batch_execute(&insert(TENANT_A)).unwrap();
    assert_eq!(
        refusal(&mut session, &insert(TENANT_B)),
        "new row violates row-level security policy for table \"generations\""
    );
    session.batch_execute(&format!("SELECT set_config('app.tenant_id', '{TENANT_B}', false)")).unwrap();
    assert_eq!(count(&mut session, "generations WHERE status = 'new'"), 0);
}

#[test]
fn forced_policies_hold_the_owner_who_can_still_sign_people_in() {
    let mut project = VIRAL_DASHBOARD.project();
    let url = project.db.url.clone();
    let owner = Role::owner(&mut project, "");
    project.run(&["deploy"]).exits(0);
    let refused = project.run(&["seed"]);
    refused.exits(1);
    assert!(refused.stderr.contains("row-level security"), "{}", refused.text());
    project.connect_to(&url);
    project.run(&["seed"]).exits(0);
    let mut session = PgConnection::establish(&owner.url()).unwrap();
    assert_eq!(count(&mut session, "users"), 0);
    assert_eq!(count(&mut session, "find_user_by_clerk_id('user_dev_cat') WHERE tenant_id IS NOT NULL"), 1);
    assert_eq!(count(&mut session, "users"), 0);
}

#[test]
fn events_survive_the_way_into_partitions_and_back() {
    let project = DEVMETRICS.seeded();
    let events = "SELECT string_agg(e::text, ',' ORDER BY id DESC) FROM events e";
    let seeded = project.words(events);
    assert_eq!(
        project
            .words("SELECT string_agg(tableoid::regclass || ' ' || id, ', ' ORDER BY id DESC) FROM events"),
        "events_default -1, events_2025_11 -2, events_2025_11 -3, events_2025_11 -4, events_2025_11 -5, events_default -6"
    );
    // The same delivery a day later: in partitions a second row.
    let columns = "organization_id, delivery_id, event_type, payload, received_at";
    let again = format!(
        "INSERT INTO events ({columns}) SELECT organization_id, delivery_id, event_type, payload, \
         received_at + INTERVAL '1 day' FROM events WHERE id = -3"
    );
    project.sql(&again);
    project.run(&["rollback", "--to", "20251107000000", "--yes"]).exits(0);
    assert_eq!(project.words(events), seeded, "the first of the two stays");
    project.run(&["deploy"]).exits(0);
    assert_eq!(project.words(events), seeded);
    project.sql(&again);
    assert_eq!(project.number("SELECT max(id) FROM events"), 2, "no id is given out twice");
}

/// Not a test of its own: the role belongs to the server, and this looks at it while `keyflash_goes_up_and_down` has it.
pub(super) fn the_analytics_role_reads_figures_and_no_personal_data(project: &Project) {
    let mut session = project.db.connect();
    session.batch_execute("SET ROLE keyflash_analytics").unwrap();
    assert_eq!(number(&mut session, "SELECT sum(searches)::bigint AS value FROM daily_search_stats"), 20);
    assert_eq!(
        number(&mut session, "SELECT count(duration) AS value FROM api_usage WHERE duration > 500"),
        3
    );
    for sql in ["SELECT email FROM users", "SELECT ip_address FROM api_usage", "DELETE FROM system_metrics"] {
        assert!(refusal(&mut session, sql).starts_with("permission denied"), "{sql}");
    }
}
