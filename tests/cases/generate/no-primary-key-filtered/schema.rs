// @generated automatically by Diesel CLI.

diesel::table! {
    keyed (id) {
        id -> Int4,
    }
}
