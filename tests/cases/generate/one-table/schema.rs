// @generated automatically by Diesel CLI.

diesel::table! {
    t (id) {
        id -> Int4,
    }
}
