// @generated automatically by Diesel CLI.

pub mod sql_types {
    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "mood"))]
    pub struct Mood;
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Mood;

    t (id) {
        id -> Int4,
        m -> Nullable<Mood>,
    }
}

diesel::table! {
    u (id) {
        id -> Int4,
    }
}

diesel::allow_tables_to_appear_in_same_query!(t, u,);
