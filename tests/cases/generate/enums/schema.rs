// @generated automatically by Diesel CLI.

pub mod sql_types {
    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "Cased Mood"))]
    pub struct CasedMood;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "mood"))]
    pub struct Mood;
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Mood;
    use super::sql_types::CasedMood;

    people (id) {
        id -> Int4,
        now -> Mood,
        later -> Nullable<Mood>,
        all_of -> Array<Nullable<Mood>>,
        other -> Nullable<CasedMood>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Mood;

    pets (id) {
        id -> Int4,
        now -> Nullable<Mood>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(people, pets,);
