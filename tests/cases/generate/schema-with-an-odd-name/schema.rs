// @generated automatically by Diesel CLI.

pub mod Odd_Name {
    diesel::table! {
        Odd_Name.t (id) {
            id -> Int4,
        }
    }
}
