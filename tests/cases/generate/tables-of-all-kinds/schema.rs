// @generated automatically by Diesel CLI.

diesel::table! {
    child (x) {
        x -> Int4,
        y -> Nullable<Int4>,
    }
}

diesel::table! {
    dropped_column (id) {
        id -> Int4,
        stays -> Nullable<Text>,
        late -> Text,
    }
}

diesel::table! {
    made (id) {
        id -> Int4,
        v -> Nullable<Int4>,
        w -> Int4,
    }
}

diesel::table! {
    of_type (id) {
        id -> Int4,
        b -> Nullable<Text>,
    }
}

diesel::table! {
    parent (x) {
        x -> Int4,
    }
}

diesel::table! {
    part (id, d) {
        id -> Int4,
        d -> Date,
    }
}

diesel::table! {
    part_1 (id, d) {
        id -> Int4,
        d -> Date,
    }
}

diesel::table! {
    unlogged (id) {
        id -> Int4,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    child,
    dropped_column,
    made,
    of_type,
    parent,
    part,
    part_1,
    unlogged,
);
