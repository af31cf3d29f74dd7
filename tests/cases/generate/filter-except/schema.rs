// @generated automatically by Diesel CLI.

diesel::table! {
    bb (id) {
        id -> Int4,
        a -> Nullable<Int4>,
    }
}

diesel::table! {
    c (id) {
        id -> Int4,
    }
}

diesel::allow_tables_to_appear_in_same_query!(bb, c,);
