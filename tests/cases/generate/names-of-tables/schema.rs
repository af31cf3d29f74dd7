// @generated automatically by Diesel CLI.

diesel::table! {
    #[sql_name = "$"]
    __ (id) {
        id -> Int4,
    }
}

diesel::table! {
    #[sql_name = "1st"]
    _1st (id) {
        id -> Int4,
    }
}

diesel::table! {
    A1 (id) {
        id -> Int4,
    }
}

diesel::table! {
    #[sql_name = "Self"]
    Self_ (id) {
        id -> Int4,
    }
}

diesel::table! {
    UPPER (id) {
        id -> Int4,
    }
}

diesel::table! {
    Users (id) {
        id -> Int4,
    }
}

diesel::table! {
    #[sql_name = "_"]
    __ (id) {
        id -> Int4,
    }
}

diesel::table! {
    _shown (id) {
        id -> Int4,
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
    #[sql_name = "a..b-"]
    a_b_ (id) {
        id -> Int4,
    }
}

diesel::table! {
    a1 (id) {
        id -> Int4,
    }
}

diesel::table! {
    #[sql_name = "columns"]
    columns_ (id) {
        id -> Int4,
    }
}

diesel::table! {
    #[sql_name = "dash-ed"]
    dash_ed (id) {
        id -> Int4,
    }
}

diesel::table! {
    dsl (id) {
        id -> Int4,
    }
}

diesel::table! {
    id (id_) {
        #[sql_name = "id"]
        id_ -> Int4,
    }
}

diesel::table! {
    order (id) {
        id -> Int4,
    }
}

diesel::table! {
    #[sql_name = "self"]
    self_ (id) {
        id -> Int4,
    }
}

diesel::table! {
    star (id) {
        id -> Int4,
    }
}

diesel::table! {
    #[sql_name = "table"]
    table_ (id) {
        id -> Int4,
    }
}

diesel::table! {
    #[sql_name = "table with space"]
    table_with_space (id) {
        id -> Int4,
    }
}

diesel::table! {
    #[sql_name = "type"]
    type_ (id) {
        id -> Int4,
    }
}

diesel::table! {
    union (id) {
        id -> Int4,
    }
}

diesel::table! {
    users (id) {
        id -> Int4,
    }
}

diesel::table! {
    #[sql_name = "é"]
    __ (id) {
        id -> Int4,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    __,
    _1st,
    A1,
    Self_,
    UPPER,
    Users,
    __,
    _shown,
    __,
    a,
    a_b_,
    a1,
    columns_,
    dash_ed,
    dsl,
    id,
    order,
    self_,
    star,
    table_,
    table_with_space,
    type_,
    union,
    users,
    __,
);
