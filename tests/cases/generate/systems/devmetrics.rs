// @generated automatically by Diesel CLI.

pub mod sql_types {
    #[derive(diesel::query_builder::QueryId, Clone, diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "delivery_status"))]
    pub struct DeliveryStatus;

    #[derive(diesel::query_builder::QueryId, Clone, diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "org_role"))]
    pub struct OrgRole;

    #[derive(diesel::query_builder::QueryId, Clone, diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "plan_tier"))]
    pub struct PlanTier;

    #[derive(diesel::query_builder::QueryId, Clone, diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "risk_level"))]
    pub struct RiskLevel;

    #[derive(diesel::query_builder::QueryId, Clone, diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "sensitivity_level"))]
    pub struct SensitivityLevel;
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::RiskLevel;

    ai_reviews (id) {
        id -> Text,
        pull_request_id -> Int8,
        model -> Text,
        risk_score -> Int2,
        risk -> RiskLevel,
        summary -> Text,
        findings -> Jsonb,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    api_keys (id) {
        id -> Text,
        organization_id -> Text,
        created_by -> Nullable<Text>,
        name -> Text,
        #[max_length = 12]
        key_prefix -> Varchar,
        key_hash -> Text,
        scopes -> Array<Nullable<Text>>,
        last_used_at -> Nullable<Timestamptz>,
        expires_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    audit_logs (id, created_at) {
        id -> Int8,
        organization_id -> Text,
        user_id -> Nullable<Text>,
        action -> Text,
        resource_type -> Text,
        resource_id -> Nullable<Text>,
        ip_address -> Nullable<Inet>,
        metadata -> Nullable<Jsonb>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    audit_logs_2025 (id, created_at) {
        id -> Int8,
        organization_id -> Text,
        user_id -> Nullable<Text>,
        action -> Text,
        resource_type -> Text,
        resource_id -> Nullable<Text>,
        ip_address -> Nullable<Inet>,
        metadata -> Nullable<Jsonb>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    audit_logs_default (id, created_at) {
        id -> Int8,
        organization_id -> Text,
        user_id -> Nullable<Text>,
        action -> Text,
        resource_type -> Text,
        resource_id -> Nullable<Text>,
        ip_address -> Nullable<Inet>,
        metadata -> Nullable<Jsonb>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    commits (id) {
        id -> Int8,
        repo_id -> Text,
        #[max_length = 40]
        sha -> Varchar,
        author_id -> Nullable<Text>,
        message -> Text,
        additions -> Int4,
        deletions -> Int4,
        committed_at -> Timestamptz,
    }
}

diesel::table! {
    developer_metrics (id) {
        id -> Int8,
        user_id -> Text,
        organization_id -> Text,
        date -> Date,
        commits -> Int4,
        prs_opened -> Int4,
        prs_reviewed -> Int4,
        avg_review_mins -> Nullable<Numeric>,
    }
}

diesel::table! {
    events (id, received_at) {
        id -> Int8,
        organization_id -> Text,
        repo_id -> Nullable<Text>,
        delivery_id -> Text,
        event_type -> Text,
        payload -> Jsonb,
        processed -> Bool,
        received_at -> Timestamptz,
    }
}

diesel::table! {
    events_2025_11 (id, received_at) {
        id -> Int8,
        organization_id -> Text,
        repo_id -> Nullable<Text>,
        delivery_id -> Text,
        event_type -> Text,
        payload -> Jsonb,
        processed -> Bool,
        received_at -> Timestamptz,
    }
}

diesel::table! {
    events_default (id, received_at) {
        id -> Int8,
        organization_id -> Text,
        repo_id -> Nullable<Text>,
        delivery_id -> Text,
        event_type -> Text,
        payload -> Jsonb,
        processed -> Bool,
        received_at -> Timestamptz,
    }
}

diesel::table! {
    issues (id) {
        id -> Int8,
        repo_id -> Text,
        number -> Int4,
        author_id -> Nullable<Text>,
        title -> Text,
        state -> Text,
        labels -> Array<Nullable<Text>>,
        opened_at -> Timestamptz,
        closed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::DeliveryStatus;

    notification_logs (id) {
        id -> Int8,
        rule_id -> Text,
        status -> DeliveryStatus,
        error -> Nullable<Text>,
        sent_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    notification_rules (id) {
        id -> Text,
        organization_id -> Text,
        created_by -> Nullable<Text>,
        name -> Text,
        channel -> Text,
        condition -> Jsonb,
        enabled -> Bool,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::PlanTier;

    organizations (id) {
        id -> Text,
        name -> Text,
        slug -> Text,
        plan -> PlanTier,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        event_retention_days -> Int4,
        audit_retention_days -> Int4,
    }
}

diesel::table! {
    pull_requests (id) {
        id -> Int8,
        repo_id -> Text,
        number -> Int4,
        author_id -> Nullable<Text>,
        title -> Text,
        state -> Text,
        opened_at -> Timestamptz,
        merged_at -> Nullable<Timestamptz>,
        closed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::SensitivityLevel;

    repositories (id) {
        id -> Text,
        organization_id -> Text,
        github_repo_id -> Nullable<Int8>,
        full_name -> Text,
        language -> Nullable<Text>,
        sensitivity -> SensitivityLevel,
        is_active -> Bool,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    repository_stats (id) {
        id -> Int8,
        repo_id -> Text,
        date -> Date,
        commits_count -> Int4,
        prs_opened -> Int4,
        prs_merged -> Int4,
        issues_opened -> Int4,
        additions -> Int4,
        deletions -> Int4,
    }
}

diesel::table! {
    team_metrics (id) {
        id -> Int8,
        organization_id -> Text,
        date -> Date,
        active_devs -> Int4,
        deploys -> Int4,
        lead_time_mins -> Nullable<Numeric>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::OrgRole;

    user_organizations (user_id, organization_id) {
        user_id -> Text,
        organization_id -> Text,
        role -> OrgRole,
        joined_at -> Timestamptz,
    }
}

diesel::table! {
    users (id) {
        id -> Text,
        github_id -> Nullable<Int8>,
        login -> Text,
        email -> Text,
        name -> Nullable<Text>,
        avatar_url -> Nullable<Text>,
        access_token_cipher -> Nullable<Bytea>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        phone_number -> Nullable<Text>,
    }
}

diesel::joinable!(ai_reviews -> pull_requests (pull_request_id));
diesel::joinable!(api_keys -> organizations (organization_id));
diesel::joinable!(api_keys -> users (created_by));
diesel::joinable!(commits -> repositories (repo_id));
diesel::joinable!(commits -> users (author_id));
diesel::joinable!(developer_metrics -> organizations (organization_id));
diesel::joinable!(developer_metrics -> users (user_id));
diesel::joinable!(events -> organizations (organization_id));
diesel::joinable!(events -> repositories (repo_id));
diesel::joinable!(events_2025_11 -> organizations (organization_id));
diesel::joinable!(events_2025_11 -> repositories (repo_id));
diesel::joinable!(events_default -> organizations (organization_id));
diesel::joinable!(events_default -> repositories (repo_id));
diesel::joinable!(issues -> repositories (repo_id));
diesel::joinable!(issues -> users (author_id));
diesel::joinable!(notification_logs -> notification_rules (rule_id));
diesel::joinable!(notification_rules -> organizations (organization_id));
diesel::joinable!(notification_rules -> users (created_by));
diesel::joinable!(pull_requests -> repositories (repo_id));
diesel::joinable!(pull_requests -> users (author_id));
diesel::joinable!(repositories -> organizations (organization_id));
diesel::joinable!(repository_stats -> repositories (repo_id));
diesel::joinable!(team_metrics -> organizations (organization_id));
diesel::joinable!(user_organizations -> organizations (organization_id));
diesel::joinable!(user_organizations -> users (user_id));

diesel::allow_tables_to_appear_in_same_query!(
    ai_reviews,
    api_keys,
    audit_logs,
    audit_logs_2025,
    audit_logs_default,
    commits,
    developer_metrics,
    events,
    events_2025_11,
    events_default,
    issues,
    notification_logs,
    notification_rules,
    organizations,
    pull_requests,
    repositories,
    repository_stats,
    team_metrics,
    user_organizations,
    users,
);
