// @generated automatically by Diesel CLI.

diesel::table! {
    use crate::db::*;

    t (id) {
        id -> Int4,
        m -> Nullable<Mood>,
    }
}

diesel::table! {
    use crate::db::*;

    u (id) {
        id -> Int4,
    }
}

diesel::allow_tables_to_appear_in_same_query!(t, u,);
