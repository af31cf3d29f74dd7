// @generated automatically by Diesel CLI.

diesel::table! {
    A1 (id) {
        id -> Int4,
    }
}

diesel::table! {
    Upper (id) {
        id -> Int4,
        a -> Nullable<Int4>,
    }
}

diesel::table! {
    #[sql_name = "_ü"]
    __ (id) {
        id -> Int4,
    }
}

diesel::table! {
    a (id) {
        id -> Int4,
    }
}

diesel::table! {
    a1 (id) {
        id -> Int4,
    }
}

diesel::table! {
    b (id) {
        id -> Int4,
    }
}

diesel::table! {
    #[sql_name = "b a"]
    b_a (id) {
        id -> Int4,
        b -> Nullable<Int4>,
    }
}

diesel::table! {
    b_a (id) {
        id -> Int4,
        a -> Nullable<Int4>,
    }
}

diesel::table! {
    c (id) {
        id -> Int4,
        x -> Nullable<Int4>,
        y -> Nullable<Int4>,
    }
}

diesel::table! {
    d (id, k) {
        id -> Int4,
        k -> Int4,
    }
}

diesel::table! {
    e (id) {
        id -> Int4,
        dk -> Nullable<Int4>,
    }
}

diesel::table! {
    f (id) {
        id -> Int4,
        v -> Nullable<Int4>,
        w -> Nullable<Int4>,
    }
}

diesel::table! {
    g (id) {
        id -> Int4,
        v -> Nullable<Int4>,
        u -> Nullable<Int4>,
        z -> Nullable<Int4>,
    }
}

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
    p1 (id) {
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

diesel::table! {
    s1 (id) {
        id -> Int4,
        #[sql_name = "type"]
        type_ -> Nullable<Int4>,
        #[sql_name = "Strange One"]
        Strange_One -> Nullable<Int4>,
    }
}

diesel::table! {
    #[sql_name = "zz-z"]
    zz_z (id) {
        id -> Int4,
        a -> Nullable<Int4>,
    }
}

diesel::table! {
    #[sql_name = "é"]
    __ (id) {
        id -> Int4,
    }
}

diesel::joinable!(Upper -> a (a));
diesel::joinable!(b_a -> b_a (b));
diesel::joinable!(b_a -> a (a));
diesel::joinable!(g -> e (z));
diesel::joinable!(q -> p (pid));
diesel::joinable!(q -> p0 (pid));
diesel::joinable!(q -> p1 (pid));
diesel::joinable!(q0 -> p (pid));
diesel::joinable!(r -> p (pid));
diesel::joinable!(r -> p0 (pid));
diesel::joinable!(r -> p1 (pid));
diesel::joinable!(s1 -> a (type_));
diesel::joinable!(s1 -> b (Strange_One));
diesel::joinable!(zz_z -> Upper (a));

diesel::allow_tables_to_appear_in_same_query!(
    A1, Upper, __, a, a1, b, b_a, b_a, c, d, e, f, g, p, p0, p1, q, q0, r, s1, zz_z, __,
);
