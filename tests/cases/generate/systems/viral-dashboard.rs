// @generated automatically by Diesel CLI.

diesel::table! {
    analytics_snapshots (id) {
        id -> Int8,
        tenant_id -> Uuid,
        metric -> Text,
        value -> Float8,
        captured_at -> Timestamptz,
    }
}

diesel::table! {
    api_usage (id) {
        id -> Int8,
        tenant_id -> Nullable<Uuid>,
        endpoint -> Text,
        status_code -> Int2,
        duration_ms -> Int4,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    generations (id) {
        id -> Uuid,
        tenant_id -> Uuid,
        user_id -> Nullable<Uuid>,
        date -> Date,
        concepts -> Jsonb,
        status -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    job_queue (id) {
        id -> Int8,
        tenant_id -> Nullable<Uuid>,
        job_type -> Text,
        payload -> Jsonb,
        status -> Text,
        attempts -> Int4,
        run_at -> Timestamptz,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    performance_feedback (id) {
        id -> Uuid,
        tenant_id -> Uuid,
        source -> Text,
        views -> Int8,
        likes -> Int8,
        shares -> Int8,
        recorded_at -> Timestamptz,
        social_post_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    reflexion_insights (id) {
        id -> Uuid,
        tenant_id -> Uuid,
        pattern -> Text,
        evidence -> Jsonb,
        score -> Nullable<Numeric>,
        discovered_at -> Timestamptz,
    }
}

diesel::table! {
    scoring_adjustments (id) {
        id -> Uuid,
        tenant_id -> Uuid,
        insight_id -> Nullable<Uuid>,
        factor -> Text,
        old_weight -> Numeric,
        new_weight -> Numeric,
        applied_at -> Timestamptz,
    }
}

diesel::table! {
    self_critiques (id) {
        id -> Uuid,
        tenant_id -> Uuid,
        generation_id -> Uuid,
        critique -> Text,
        confidence_level -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    social_accounts (id) {
        id -> Uuid,
        tenant_id -> Uuid,
        platform -> Text,
        handle -> Text,
        access_token_cipher -> Bytea,
        refresh_token_cipher -> Nullable<Bytea>,
        token_expires_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    social_posts (id) {
        id -> Uuid,
        tenant_id -> Uuid,
        social_account_id -> Uuid,
        video_id -> Nullable<Uuid>,
        platform -> Text,
        external_id -> Nullable<Text>,
        caption -> Nullable<Text>,
        posted_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    system_metrics (id) {
        id -> Int8,
        name -> Text,
        value -> Float8,
        recorded_at -> Timestamptz,
    }
}

diesel::table! {
    tenants (id) {
        id -> Uuid,
        name -> Text,
        slug -> Text,
        plan -> Text,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    users (id) {
        id -> Uuid,
        tenant_id -> Uuid,
        clerk_id -> Text,
        email -> Text,
        name -> Nullable<Text>,
        role -> Text,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    videos (id) {
        id -> Uuid,
        tenant_id -> Uuid,
        generation_id -> Uuid,
        concept_id -> Text,
        url -> Nullable<Text>,
        duration_secs -> Nullable<Int4>,
        status -> Text,
        created_at -> Timestamptz,
    }
}

diesel::joinable!(analytics_snapshots -> tenants (tenant_id));
diesel::joinable!(api_usage -> tenants (tenant_id));
diesel::joinable!(generations -> tenants (tenant_id));
diesel::joinable!(generations -> users (user_id));
diesel::joinable!(job_queue -> tenants (tenant_id));
diesel::joinable!(performance_feedback -> social_posts (social_post_id));
diesel::joinable!(performance_feedback -> tenants (tenant_id));
diesel::joinable!(reflexion_insights -> tenants (tenant_id));
diesel::joinable!(scoring_adjustments -> reflexion_insights (insight_id));
diesel::joinable!(scoring_adjustments -> tenants (tenant_id));
diesel::joinable!(self_critiques -> generations (generation_id));
diesel::joinable!(self_critiques -> tenants (tenant_id));
diesel::joinable!(social_accounts -> tenants (tenant_id));
diesel::joinable!(social_posts -> social_accounts (social_account_id));
diesel::joinable!(social_posts -> tenants (tenant_id));
diesel::joinable!(social_posts -> videos (video_id));
diesel::joinable!(users -> tenants (tenant_id));
diesel::joinable!(videos -> generations (generation_id));
diesel::joinable!(videos -> tenants (tenant_id));

diesel::allow_tables_to_appear_in_same_query!(
    analytics_snapshots,
    api_usage,
    generations,
    job_queue,
    performance_feedback,
    reflexion_insights,
    scoring_adjustments,
    self_critiques,
    social_accounts,
    social_posts,
    system_metrics,
    tenants,
    users,
    videos,
);
