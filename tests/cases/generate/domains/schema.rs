// @generated automatically by Diesel CLI.

pub mod sql_types {
    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "comp"))]
    pub struct Comp;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "email"))]
    pub struct Email;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "mood"))]
    pub struct Mood;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "odom", schema = "o"))]
    pub struct Odom;
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Mood;
    use super::sql_types::Email;
    use super::sql_types::Odom;
    use super::sql_types::Comp;

    t (id) {
        id -> Int4,
        #[max_length = 20]
        e -> Varchar,
        #[max_length = 3]
        c -> Nullable<Bpchar>,
        m -> Nullable<Mood>,
        a -> Nullable<Array<Nullable<Int4>>>,
        d -> Nullable<Email>,
        p -> Int4,
        ea -> Nullable<Array<Nullable<Email>>>,
        #[max_length = 12]
        od -> Nullable<Varchar>,
        cd -> Nullable<Text>,
        aod -> Nullable<Array<Nullable<Odom>>>,
        x -> Nullable<Array<Nullable<Comp>>>,
    }
}
