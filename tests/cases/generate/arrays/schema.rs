// @generated automatically by Diesel CLI.

pub mod sql_types {
    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "mood"))]
    pub struct Mood;
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Mood;

    lists (id) {
        id -> Int4,
        a -> Nullable<Array<Nullable<Int4>>>,
        b -> Array<Nullable<Text>>,
        c -> Nullable<Array<Nullable<Int4>>>,
        d -> Nullable<Array<Nullable<Varchar>>>,
        e -> Nullable<Array<Nullable<Mood>>>,
        f -> Nullable<Array<Nullable<Jsonb>>>,
        g -> Array<Nullable<Uuid>>,
    }
}
