// @generated automatically by Diesel CLI.

diesel::table! {
    by_code (id) {
        id -> Int4,
        code -> Nullable<Text>,
    }
}

diesel::table! {
    codes (id) {
        id -> Int4,
        code -> Nullable<Text>,
    }
}

diesel::table! {
    uses (id) {
        id -> Int4,
        code -> Nullable<Text>,
        other -> Nullable<Int4>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(by_code, codes, uses,);
