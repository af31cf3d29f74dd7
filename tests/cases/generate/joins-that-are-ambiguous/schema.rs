// @generated automatically by Diesel CLI.

diesel::table! {
    a1 (id) {
        id -> Int4,
        k1 -> Nullable<Int4>,
        k2 -> Nullable<Int4>,
        b -> Nullable<Int4>,
    }
}

diesel::table! {
    a2 (id) {
        id -> Int4,
        x -> Nullable<Int4>,
        y -> Nullable<Int4>,
        b -> Nullable<Int4>,
    }
}

diesel::table! {
    a3 (id) {
        id -> Int4,
        u -> Nullable<Int4>,
        b -> Nullable<Int4>,
    }
}

diesel::table! {
    aa9 (id) {
        id -> Int4,
    }
}

diesel::table! {
    b1 (id) {
        id -> Int4,
        a -> Nullable<Int4>,
        aa -> Nullable<Int4>,
    }
}

diesel::table! {
    b2 (id) {
        id -> Int4,
        x -> Nullable<Int4>,
        y -> Nullable<Int4>,
    }
}

diesel::table! {
    b3 (id) {
        id -> Int4,
        u -> Nullable<Int4>,
    }
}

diesel::table! {
    c5 (id) {
        id -> Int4,
        x -> Nullable<Int4>,
        m -> Nullable<Int4>,
    }
}

diesel::table! {
    d (a, b) {
        a -> Int4,
        b -> Int4,
        c -> Nullable<Int4>,
    }
}

diesel::table! {
    d2 (id) {
        id -> Int4,
        f -> Nullable<Int4>,
    }
}

diesel::table! {
    k (id) {
        id -> Int4,
        z -> Nullable<Int4>,
        y -> Nullable<Int4>,
    }
}

diesel::table! {
    m (id) {
        id -> Int4,
    }
}

diesel::table! {
    n (id) {
        id -> Int4,
    }
}

diesel::table! {
    o (id) {
        id -> Int4,
        n -> Nullable<Int4>,
        m -> Nullable<Int4>,
    }
}

diesel::table! {
    y2 (id) {
        id -> Int4,
        z -> Nullable<Int4>,
    }
}

diesel::table! {
    z1 (id) {
        id -> Int4,
    }
}

diesel::table! {
    zz9 (id) {
        id -> Int4,
        a -> Nullable<Int4>,
    }
}

diesel::joinable!(c5 -> m (m));
diesel::joinable!(k -> n (y));
diesel::joinable!(k -> o (z));
diesel::joinable!(o -> m (m));
diesel::joinable!(o -> n (n));
diesel::joinable!(y2 -> z1 (z));
diesel::joinable!(zz9 -> aa9 (a));

diesel::allow_tables_to_appear_in_same_query!(
    a1, a2, a3, aa9, b1, b2, b3, c5, d, d2, k, m, n, o, y2, z1, zz9,
);
