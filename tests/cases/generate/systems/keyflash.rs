// @generated automatically by Diesel CLI.

pub mod sql_types {
    #[derive(diesel::query_builder::QueryId, Clone, diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "tier"))]
    pub struct Tier;
}

diesel::table! {
    api_usage (id) {
        id -> Int8,
        user_id -> Nullable<Text>,
        endpoint -> Text,
        duration -> Int4,
        status_code -> Int2,
        ip_address -> Nullable<Inet>,
        timestamp -> Timestamptz,
    }
}

diesel::table! {
    feature_flags (key) {
        key -> Text,
        enabled -> Bool,
        rollout_percentage -> Int2,
        description -> Nullable<Text>,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    organization_members (organization_id, user_id) {
        organization_id -> Text,
        user_id -> Text,
        role -> Text,
        joined_at -> Timestamptz,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Tier;

    organizations (id) {
        id -> Text,
        name -> Text,
        slug -> Text,
        tier -> Tier,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    saved_searches (id) {
        id -> Text,
        user_id -> Text,
        name -> Text,
        keywords -> Array<Nullable<Text>>,
        location -> Nullable<Text>,
        language -> Nullable<Text>,
        metadata -> Jsonb,
        last_accessed_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        organization_id -> Nullable<Text>,
    }
}

diesel::table! {
    search_history (id) {
        id -> Int8,
        user_id -> Nullable<Text>,
        keywords -> Array<Nullable<Text>>,
        provider -> Text,
        result_count -> Nullable<Int4>,
        response_time -> Int4,
        cache_hit -> Bool,
        searched_at -> Timestamptz,
    }
}

diesel::table! {
    system_metrics (id) {
        id -> Int8,
        metric_name -> Text,
        value -> Float8,
        timestamp -> Timestamptz,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Tier;

    users (id) {
        id -> Text,
        email -> Text,
        tier -> Tier,
        keyword_searches_this_month -> Int4,
        usage_reset_at -> Nullable<Timestamptz>,
        stripe_customer_id -> Nullable<Text>,
        stripe_subscription_id -> Nullable<Text>,
        subscription_status -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    webhook_events (event_id) {
        event_id -> Text,
        #[sql_name = "type"]
        type_ -> Text,
        status -> Text,
        payload -> Nullable<Jsonb>,
        error -> Nullable<Text>,
        received_at -> Timestamptz,
        processed_at -> Nullable<Timestamptz>,
    }
}

diesel::joinable!(api_usage -> users (user_id));
diesel::joinable!(organization_members -> organizations (organization_id));
diesel::joinable!(organization_members -> users (user_id));
diesel::joinable!(saved_searches -> organizations (organization_id));
diesel::joinable!(saved_searches -> users (user_id));
diesel::joinable!(search_history -> users (user_id));

diesel::allow_tables_to_appear_in_same_query!(
    api_usage,
    feature_flags,
    organization_members,
    organizations,
    saved_searches,
    search_history,
    system_metrics,
    users,
    webhook_events,
);
