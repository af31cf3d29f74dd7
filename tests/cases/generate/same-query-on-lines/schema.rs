// @generated automatically by Diesel CLI.

diesel::table! {
    aaaaaaaaaaaaaaaaaaaaaaaaaa (id) {
        id -> Int4,
    }
}

diesel::table! {
    bbbbbbbbbbbbbbbbbbbbbbbbb (id) {
        id -> Int4,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    aaaaaaaaaaaaaaaaaaaaaaaaaa,
    bbbbbbbbbbbbbbbbbbbbbbbbb,
);
