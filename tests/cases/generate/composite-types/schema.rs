// @generated automatically by Diesel CLI.

pub mod sql_types {
    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "pair"))]
    pub struct Pair;
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Pair;

    pairs (id) {
        id -> Int4,
        one -> Nullable<Pair>,
        many -> Array<Nullable<Pair>>,
    }
}
