// @generated automatically by Diesel CLI.

diesel::table! {
    p (id) {
        id -> Int4,
        k -> Nullable<Int4>,
    }
}

diesel::table! {
    p0 (id) {
        id -> Int4,
        k -> Nullable<Int4>,
    }
}

diesel::table! {
    q (id) {
        id -> Int4,
        pid -> Nullable<Int4>,
    }
}

diesel::table! {
    q0 (id) {
        id -> Int4,
        pid -> Nullable<Int4>,
    }
}

diesel::table! {
    r (id) {
        id -> Int4,
        pid -> Nullable<Int4>,
    }
}

diesel::joinable!(q -> p (pid));
diesel::joinable!(q -> p0 (pid));
diesel::joinable!(q0 -> p (pid));
diesel::joinable!(r -> p (pid));
diesel::joinable!(r -> p0 (pid));

diesel::allow_tables_to_appear_in_same_query!(p, p0, q, q0, r,);
