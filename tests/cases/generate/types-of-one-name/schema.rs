// @generated automatically by Diesel CLI.

pub mod sql_types {
    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "KIND"))]
    pub struct Kind;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "zz"))]
    pub struct Zz;
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Kind;

    a (id) {
        id -> Int4,
        b -> Nullable<Kind>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Kind;
    use super::sql_types::Zz;

    t (id) {
        id -> Int4,
        b -> Nullable<Kind>,
        a -> Nullable<Kind>,
        z -> Nullable<Zz>,
        z2 -> Nullable<Zz>,
        z3 -> Nullable<Zz>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(a, t,);
