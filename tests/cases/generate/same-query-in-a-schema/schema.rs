// @generated automatically by Diesel CLI.

pub mod s {
    diesel::table! {
        s.a (id) {
            id -> Int4,
        }
    }

    diesel::table! {
        s.bb (id) {
            id -> Int4,
        }
    }

    diesel::table! {
        s.ccc (id) {
            id -> Int4,
        }
    }

    diesel::table! {
        s.dddd (id) {
            id -> Int4,
        }
    }

    diesel::table! {
        s.eeeee (id) {
            id -> Int4,
        }
    }

    diesel::table! {
        s.ffffff (id) {
            id -> Int4,
        }
    }

    diesel::table! {
        s.ggggggg (id) {
            id -> Int4,
        }
    }

    diesel::table! {
        s.hhhhhhhh (id) {
            id -> Int4,
        }
    }

    diesel::table! {
        s.iiiiiiiii (id) {
            id -> Int4,
        }
    }

    diesel::table! {
        s.jjjjjjjjjj (id) {
            id -> Int4,
        }
    }

    diesel::table! {
        s.k (id) {
            id -> Int4,
        }
    }

    diesel::table! {
        s.ll (id) {
            id -> Int4,
        }
    }

    diesel::table! {
        s.mmm (id) {
            id -> Int4,
        }
    }

    diesel::table! {
        s.nnnn (id) {
            id -> Int4,
        }
    }

    diesel::table! {
        s.ooooo (id) {
            id -> Int4,
        }
    }

    diesel::table! {
        s.pppppp (id) {
            id -> Int4,
        }
    }

    diesel::table! {
        s.qqqqqqq (id) {
            id -> Int4,
        }
    }

    diesel::table! {
        s.rrrrrrrr (id) {
            id -> Int4,
        }
    }

    diesel::table! {
        s.sssssssss (id) {
            id -> Int4,
        }
    }

    diesel::table! {
        s.tttttttttt (id) {
            id -> Int4,
        }
    }

    diesel::table! {
        s.u (id) {
            id -> Int4,
        }
    }

    diesel::table! {
        s.vv (id) {
            id -> Int4,
        }
    }

    diesel::table! {
        s.www (id) {
            id -> Int4,
        }
    }

    diesel::table! {
        s.xxxx (id) {
            id -> Int4,
        }
    }

    diesel::table! {
        s.yyyyy (id) {
            id -> Int4,
        }
    }

    diesel::table! {
        s.zzzzzz (id) {
            id -> Int4,
        }
    }

    diesel::allow_tables_to_appear_in_same_query!(
        a, bb, ccc, dddd, eeeee, ffffff, ggggggg, hhhhhhhh, iiiiiiiii, jjjjjjjjjj, k, ll, mmm,
        nnnn, ooooo, pppppp, qqqqqqq, rrrrrrrr, sssssssss, tttttttttt, u, vv, www, xxxx, yyyyy,
        zzzzzz,
    );
}
