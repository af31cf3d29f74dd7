// @generated automatically by Diesel CLI.

pub mod sql_types {
    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(
        name = "a_type_with_a_name_that_takes_all_of_the_sixty_three_bytes_ther"
    ))]
    pub struct ATypeWithANameThatTakesAllOfTheSixtyThreeBytesTher;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(
        name = "an_even_longer_enum_type_name_for_the_project",
        schema = "a_very_long_schema_name_for_an_enum_type_of_some_project"
    ))]
    pub struct AnEvenLongerEnumTypeNameForTheProject;
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::AnEvenLongerEnumTypeNameForTheProject;
    use super::sql_types::ATypeWithANameThatTakesAllOfTheSixtyThreeBytesTher;

    a_table_with_a_name_that_takes_all_of_the_sixty_three_bytes_the (id) {
        id -> Int4,
        a_column_with_a_name_that_takes_all_of_the_sixty_three_bytes_th -> Nullable<AnEvenLongerEnumTypeNameForTheProject>,
        b -> Nullable<ATypeWithANameThatTakesAllOfTheSixtyThreeBytesTher>,
    }
}

diesel::table! {
    another_table_with_a_name_that_takes_all_of_the_sixty_three_byt (id) {
        id -> Int4,
        a_column_with_a_name_that_takes_all_of_the_sixty_three_bytes_th -> Nullable<Int4>,
    }
}

diesel::joinable!(another_table_with_a_name_that_takes_all_of_the_sixty_three_byt -> a_table_with_a_name_that_takes_all_of_the_sixty_three_bytes_the (a_column_with_a_name_that_takes_all_of_the_sixty_three_bytes_th));

diesel::allow_tables_to_appear_in_same_query!(
    a_table_with_a_name_that_takes_all_of_the_sixty_three_bytes_the,
    another_table_with_a_name_that_takes_all_of_the_sixty_three_byt,
);
