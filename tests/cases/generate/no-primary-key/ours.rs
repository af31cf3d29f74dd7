// @generated automatically by Diesel CLI.

diesel::table! {
    keyed (id) {
        id -> Int4,
    }
}

diesel::table! {
    other (id) {
        id -> Int4,
        k -> Nullable<Int4>,
    }
}

diesel::joinable!(other -> keyed (k));

diesel::allow_tables_to_appear_in_same_query!(keyed, other,);
