//! Diesel's view of our own tables. Unqualified: the pool's connections have the bookkeeping
//! schema as their search_path, whatever its name.

diesel::table! {
    operation (id) {
        id -> BigInt,
        command -> Text,
        environment -> Nullable<Text>,
        ledger_schema -> Text,
        role -> Text,
        os_user -> Text,
        host -> Text,
        client_pid -> Integer,
        backend_pid -> Integer,
        tool_version -> Text,
        started_at -> Timestamptz,
        finished_at -> Nullable<Timestamptz>,
        outcome -> Nullable<Text>,
        message -> Nullable<Text>,
        backup -> Nullable<Text>,
        lsn -> Nullable<Text>,
    }
}

diesel::table! {
    last_operation (ledger_schema) {
        ledger_schema -> Text,
        id -> BigInt,
        command -> Text,
        started_at -> Timestamptz,
        outcome -> Nullable<Text>,
        os_user -> Text,
        host -> Text,
        client_pid -> Integer,
        backend_pid -> Integer,
    }
}

diesel::table! {
    migration (ledger_schema, version) {
        ledger_schema -> Text,
        version -> Text,
        name -> Text,
        state -> Text,
        transactional -> Bool,
        checksum -> Text,
        checksum_normalised -> Text,
        normalisation -> Integer,
        up_sql -> Nullable<Text>,
        down_sql -> Nullable<Text>,
        statements_done -> Integer,
        statements_begun -> Integer,
        statements_hash -> Nullable<Text>,
        operation_id -> Nullable<BigInt>,
        changed_at -> Timestamptz,
        duration_ms -> Nullable<BigInt>,
        command -> Nullable<Text>,
        has_up -> Bool,
        has_down -> Bool,
    }
}

diesel::table! {
    environment (only_one) {
        only_one -> Bool,
        name -> Text,
        database -> Text,
        system_identifier -> Nullable<Text>,
        set_by -> Text,
        set_at -> Timestamptz,
    }
}

diesel::table! {
    seed (ledger_schema, seed_set, file) {
        ledger_schema -> Text,
        seed_set -> Text,
        file -> Text,
        checksum -> Text,
        operation_id -> Nullable<BigInt>,
        applied_at -> Timestamptz,
        duration_ms -> BigInt,
    }
}
