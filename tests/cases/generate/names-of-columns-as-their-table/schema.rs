// @generated automatically by Diesel CLI.

diesel::table! {
    Cased (Cased_, cased) {
        cased -> Int4,
        #[sql_name = "Cased"]
        Cased_ -> Int4,
    }
}

diesel::table! {
    #[sql_name = "a-q"]
    a_q (id) {
        id -> Int4,
        #[sql_name = "a-q"]
        a_q_ -> Nullable<Int4>,
        #[sql_name = "a_q"]
        a_q_ -> Nullable<Int4>,
    }
}

diesel::table! {
    id (id_) {
        #[sql_name = "id"]
        id_ -> Int4,
    }
}

diesel::table! {
    refs (id) {
        id -> Int4,
        #[sql_name = "type"]
        type_ -> Nullable<Int4>,
        users -> Nullable<Int4>,
    }
}

diesel::table! {
    #[sql_name = "type"]
    type_ (type__) {
        #[sql_name = "type_"]
        type__ -> Int4,
        #[sql_name = "type"]
        type_ -> Nullable<Int4>,
    }
}

diesel::table! {
    users (users_) {
        #[sql_name = "users"]
        users_ -> Int4,
        u -> Nullable<Int4>,
    }
}

diesel::joinable!(refs -> type_ (type_));
diesel::joinable!(refs -> users (users));

diesel::allow_tables_to_appear_in_same_query!(Cased, a_q, id, refs, type_, users,);
