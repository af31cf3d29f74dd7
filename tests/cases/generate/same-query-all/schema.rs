// @generated automatically by Diesel CLI.

diesel::table! {
    a (id) {
        id -> Int4,
        z -> Nullable<Int4>,
        #[max_length = 10]
        b -> Nullable<Varchar>,
    }
}

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

diesel::joinable!(bb -> a (a));

diesel::allow_tables_to_appear_in_same_query!(a, bb, c,);
