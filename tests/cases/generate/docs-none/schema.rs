// @generated automatically by Diesel CLI.

pub mod sql_types {
    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "mood"))]
    pub struct Mood;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "point", schema = "pg_catalog"))]
    pub struct Point;
}

diesel::table! {
    bare (id) {
        id -> Int4,
    }
}

diesel::table! {
    odd (id) {
        id -> Int4,
        b -> Nullable<Int4>,
        c -> Nullable<Int4>,
        d -> Nullable<Int4>,
        e -> Nullable<Int4>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Mood;
    use super::sql_types::Point;

    users (users_) {
        #[sql_name = "users"]
        users_ -> Int4,
        u -> Nullable<Text>,
        #[sql_name = "type"]
        type_ -> Nullable<Mood>,
        p -> Nullable<Point>,
        #[sql_name = "has space"]
        has_space -> Nullable<Array<Nullable<Varchar>>>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(bare, odd, users,);
