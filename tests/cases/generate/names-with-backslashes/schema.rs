// @generated automatically by Diesel CLI.

diesel::table! {
    #[sql_name = "a\b"]
    a_b (id) {
        id -> Int4,
        #[sql_name = "c\d"]
        c_d -> Nullable<Int4>,
    }
}
