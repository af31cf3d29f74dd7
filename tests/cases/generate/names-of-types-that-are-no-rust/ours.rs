// @generated automatically by Diesel CLI.

pub mod sql_types {
    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "9lives"))]
    pub struct 9lives;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "Self"))]
    pub struct Self;
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::9lives;
    use super::sql_types::Self;

    cats (id) {
        id -> Int4,
        lives -> Nullable<9lives>,
        #[sql_name = "self"]
        self_ -> Nullable<Self>,
    }
}

diesel::table! {
    dogs (id) {
        id -> Int4,
    }
}

diesel::allow_tables_to_appear_in_same_query!(cats, dogs,);
