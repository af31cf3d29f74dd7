// @generated automatically by Diesel CLI.

diesel::table! {
    a (id) {
        id -> Int4,
    }
}

diesel::table! {
    bb (id) {
        id -> Int4,
    }
}

diesel::table! {
    ccc (id) {
        id -> Int4,
    }
}

diesel::table! {
    dddd (id) {
        id -> Int4,
    }
}

diesel::table! {
    eeeee (id) {
        id -> Int4,
    }
}

diesel::table! {
    ffffff (id) {
        id -> Int4,
    }
}

diesel::table! {
    ggggggg (id) {
        id -> Int4,
    }
}

diesel::table! {
    hhhhhhhh (id) {
        id -> Int4,
    }
}

diesel::table! {
    iiiiiiiii (id) {
        id -> Int4,
    }
}

diesel::table! {
    jjjjjjjjjj (id) {
        id -> Int4,
    }
}

diesel::table! {
    k (id) {
        id -> Int4,
    }
}

diesel::table! {
    ll (id) {
        id -> Int4,
    }
}

diesel::table! {
    mmm (id) {
        id -> Int4,
    }
}

diesel::table! {
    nnnn (id) {
        id -> Int4,
    }
}

diesel::table! {
    ooooo (id) {
        id -> Int4,
    }
}

diesel::table! {
    pppppp (id) {
        id -> Int4,
    }
}

diesel::table! {
    qqqqqqq (id) {
        id -> Int4,
    }
}

diesel::table! {
    rrrrrrrr (id) {
        id -> Int4,
    }
}

diesel::table! {
    sssssssss (id) {
        id -> Int4,
    }
}

diesel::table! {
    tttttttttt (id) {
        id -> Int4,
    }
}

diesel::table! {
    u (id) {
        id -> Int4,
    }
}

diesel::table! {
    vv (id) {
        id -> Int4,
    }
}

diesel::table! {
    www (id) {
        id -> Int4,
    }
}

diesel::table! {
    xxxx (id) {
        id -> Int4,
    }
}

diesel::table! {
    yyyyy (id) {
        id -> Int4,
    }
}

diesel::table! {
    zzzzzz (id) {
        id -> Int4,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    a, bb, ccc, dddd, eeeee, ffffff, ggggggg, hhhhhhhh, iiiiiiiii, jjjjjjjjjj, k, ll, mmm, nnnn,
    ooooo, pppppp, qqqqqqq, rrrrrrrr, sssssssss, tttttttttt, u, vv, www, xxxx, yyyyy, zzzzzz,
);
