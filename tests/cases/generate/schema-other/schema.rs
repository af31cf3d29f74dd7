// @generated automatically by Diesel CLI.

pub mod shop {
    pub mod sql_types {
        #[derive(diesel::sql_types::SqlType)]
        #[diesel(postgres_type(name = "kind", schema = "shop"))]
        pub struct Kind;

        #[derive(diesel::sql_types::SqlType)]
        #[diesel(postgres_type(name = "Kind2", schema = "shop"))]
        pub struct Kind2;

        #[derive(diesel::sql_types::SqlType)]
        #[diesel(postgres_type(name = "mood"))]
        pub struct Mood;
    }

    diesel::table! {
        shop.posts_of_the_users_in_the_shop (id) {
            id -> Int4,
            u -> Nullable<Int4>,
        }
    }

    diesel::table! {
        shop.u (id) {
            id -> Int4,
        }
    }

    diesel::table! {
        use diesel::sql_types::*;
        use super::sql_types::Kind;
        use super::sql_types::Mood;
        use super::sql_types::Kind2;

        shop.users (id) {
            id -> Int4,
            k -> Nullable<Kind>,
            m -> Nullable<Mood>,
            #[sql_name = "type"]
            type_ -> Nullable<Int4>,
            e -> Nullable<Text>,
            c -> Nullable<Citext>,
            k2 -> Nullable<Array<Nullable<Kind2>>>,
        }
    }

    diesel::joinable!(posts_of_the_users_in_the_shop -> users (u));

    diesel::allow_tables_to_appear_in_same_query!(posts_of_the_users_in_the_shop, u, users,);
}
