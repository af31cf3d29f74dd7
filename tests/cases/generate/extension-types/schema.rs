// @generated automatically by Diesel CLI.

pub mod sql_types {
    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "hstore", schema = "tools"))]
    pub struct Hstore;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "ltree"))]
    pub struct Ltree;
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Hstore;
    use super::sql_types::Ltree;

    shelves (id) {
        id -> Int4,
        label -> Citext,
        tags -> Nullable<Array<Nullable<Citext>>>,
        more -> Nullable<Hstore>,
        place -> Ltree,
        blob -> Nullable<Oid>,
    }
}
