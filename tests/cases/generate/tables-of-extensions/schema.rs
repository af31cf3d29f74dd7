// @generated automatically by Diesel CLI.

diesel::table! {
    ours (id) {
        id -> Int4,
    }
}

diesel::table! {
    theirs (id) {
        id -> Int4,
    }
}

diesel::allow_tables_to_appear_in_same_query!(ours, theirs,);
