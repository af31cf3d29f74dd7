// @generated automatically by Diesel CLI.

pub mod public {
    pub mod sql_types {
        #[derive(diesel::sql_types::SqlType)]
        #[diesel(postgres_type(name = "mood"))]
        pub struct Mood;
    }

    diesel::table! {
        use diesel::sql_types::*;
        use super::sql_types::Mood;

        people (id) {
            id -> Int4,
            m -> Nullable<Mood>,
        }
    }

    diesel::table! {
        pets (id) {
            id -> Int4,
            p -> Nullable<Int4>,
        }
    }

    diesel::joinable!(pets -> people (p));

    diesel::allow_tables_to_appear_in_same_query!(people, pets,);
}
