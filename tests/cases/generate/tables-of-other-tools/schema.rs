// @generated automatically by Diesel CLI.

diesel::table! {
    _prisma_migrations (id) {
        #[max_length = 36]
        id -> Varchar,
    }
}

diesel::table! {
    ours (id) {
        id -> Int4,
    }
}

diesel::allow_tables_to_appear_in_same_query!(_prisma_migrations, ours,);
