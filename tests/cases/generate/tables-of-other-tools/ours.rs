// @generated automatically by Diesel CLI.

diesel::table! {
    ours (id) {
        id -> Int4,
    }
}
