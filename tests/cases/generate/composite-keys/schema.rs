// @generated automatically by Diesel CLI.

diesel::table! {
    notes (tag_b, id) {
        id -> Int4,
        tag_b -> Int4,
    }
}

diesel::table! {
    tagged (id) {
        id -> Int8,
        ta -> Nullable<Int4>,
        tb -> Nullable<Int4>,
    }
}

diesel::table! {
    tags (b, a) {
        a -> Int4,
        b -> Int4,
        c -> Nullable<Text>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(notes, tagged, tags,);
