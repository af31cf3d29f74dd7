// @generated automatically by Diesel CLI.

diesel::table! {
    #[sql_name = r"a\b"]
    a_b (id) {
        id -> Int4,
        #[sql_name = r"c\d"]
        c_d -> Nullable<Int4>,
    }
}
