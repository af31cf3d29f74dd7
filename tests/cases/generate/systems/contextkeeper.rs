// @generated automatically by Diesel CLI.

pub mod sql_types {
    #[derive(diesel::query_builder::QueryId, Clone, diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "tsvector", schema = "pg_catalog"))]
    pub struct Tsvector;
}

diesel::table! {
    api_keys (id) {
        id -> Uuid,
        user_id -> Uuid,
        name -> Text,
        #[max_length = 12]
        key_prefix -> Varchar,
        key_hash -> Text,
        expires_at -> Nullable<Timestamptz>,
        last_used_at -> Nullable<Timestamptz>,
        revoked_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    audit_logs (id) {
        id -> Int8,
        user_id -> Nullable<Uuid>,
        action -> Text,
        resource_type -> Text,
        resource_id -> Nullable<Text>,
        ip_address -> Nullable<Inet>,
        user_agent -> Nullable<Text>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    feature_flags (key) {
        key -> Text,
        description -> Nullable<Text>,
        enabled -> Bool,
        rollout_percentage -> Int2,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    git_snapshots (id) {
        id -> Uuid,
        session_id -> Uuid,
        branch -> Text,
        #[max_length = 40]
        commit_hash -> Varchar,
        is_dirty -> Bool,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Tsvector;

    session_files (id) {
        id -> Uuid,
        session_id -> Uuid,
        path -> Text,
        language -> Nullable<Text>,
        content -> Text,
        content_tsv -> Nullable<Tsvector>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    session_memories (id) {
        id -> Uuid,
        session_id -> Uuid,
        key -> Text,
        value -> Text,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    session_tasks (id) {
        id -> Uuid,
        session_id -> Uuid,
        title -> Text,
        status -> Text,
        position -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    sessions (id) {
        id -> Uuid,
        user_id -> Uuid,
        name -> Text,
        project_path -> Nullable<Text>,
        summary -> Nullable<Text>,
        started_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    subscription_events (id) {
        id -> Int8,
        user_id -> Nullable<Uuid>,
        stripe_event_id -> Text,
        event_type -> Text,
        plan -> Nullable<Text>,
        amount_cents -> Nullable<Int4>,
        occurred_at -> Timestamptz,
    }
}

diesel::table! {
    usage_stats (id) {
        id -> Int8,
        user_id -> Uuid,
        date -> Date,
        api_calls -> Int4,
        sessions_count -> Int4,
        storage_bytes -> Int8,
    }
}

diesel::table! {
    users (id) {
        id -> Uuid,
        email -> Text,
        name -> Nullable<Text>,
        password_hash -> Nullable<Text>,
        email_verified_at -> Nullable<Timestamptz>,
        verification_token -> Nullable<Text>,
        plan -> Text,
        stripe_customer_id -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
    }
}

diesel::joinable!(api_keys -> users (user_id));
diesel::joinable!(audit_logs -> users (user_id));
diesel::joinable!(git_snapshots -> sessions (session_id));
diesel::joinable!(session_files -> sessions (session_id));
diesel::joinable!(session_memories -> sessions (session_id));
diesel::joinable!(session_tasks -> sessions (session_id));
diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(subscription_events -> users (user_id));
diesel::joinable!(usage_stats -> users (user_id));

diesel::allow_tables_to_appear_in_same_query!(
    api_keys,
    audit_logs,
    feature_flags,
    git_snapshots,
    session_files,
    session_memories,
    session_tasks,
    sessions,
    subscription_events,
    usage_stats,
    users,
);
