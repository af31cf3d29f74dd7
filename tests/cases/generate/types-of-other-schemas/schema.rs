// @generated automatically by Diesel CLI.

pub mod sql_types {
    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "kind", schema = "shop"))]
    pub struct Kind;
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Kind;

    u (id) {
        id -> Int4,
        k -> Nullable<Kind>,
        e -> Nullable<Text>,
        c -> Nullable<Citext>,
    }
}
