// @generated automatically by Diesel CLI.

pub mod sql_types {
    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "m"))]
    pub struct M;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "n"))]
    pub struct N;
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::M;
    use super::sql_types::N;

    t (Z) {
        #[sql_name = "1"]
        _1 -> Nullable<Int4>,
        B -> Nullable<M>,
        Z -> Int4,
        _z -> Nullable<N>,
        a -> Nullable<N>,
        b10 -> Nullable<Int4>,
        b2 -> Nullable<Int4>,
        #[sql_name = "type"]
        type_ -> Nullable<M>,
        #[sql_name = "Á"]
        __ -> Nullable<Int4>,
    }
}
