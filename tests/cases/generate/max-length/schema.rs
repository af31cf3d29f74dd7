// @generated automatically by Diesel CLI.

pub mod sql_types {
    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "short"))]
    pub struct Short;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "varbit", schema = "pg_catalog"))]
    pub struct Varbit;
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Varbit;
    use super::sql_types::Short;

    texts (id) {
        #[max_length = 3]
        id -> Bpchar,
        #[max_length = 1]
        a -> Nullable<Varchar>,
        b -> Nullable<Varchar>,
        #[max_length = 1]
        c -> Nullable<Bpchar>,
        d -> Nullable<Bpchar>,
        #[max_length = 1]
        e -> Nullable<Bit>,
        #[max_length = 9]
        f -> Nullable<Bit>,
        g -> Nullable<Varbit>,
        #[max_length = 2]
        h -> Nullable<Varbit>,
        #[max_length = 5]
        i -> Nullable<Varchar>,
        j -> Nullable<Array<Nullable<Short>>>,
        #[max_length = 10485760]
        k -> Nullable<Varchar>,
        l -> Nullable<Text>,
        m -> Nullable<Numeric>,
    }
}
