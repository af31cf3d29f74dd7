// @generated automatically by Diesel CLI.

pub mod sql_types {
    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = r#"q"uote"#))]
    pub struct QUote;
}

diesel::table! {
    #[sql_name = r#"a"b"#]
    a_b (id) {
        id -> Int4,
        #[sql_name = r#"c"d"#]
        c_d -> Nullable<Int4>,
        #[sql_name = r##"e"#f"##]
        e_f -> Nullable<Int4>,
        #[sql_name = "g'h"]
        g_h -> Nullable<Int4>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::QUote;

    t (id) {
        id -> Int4,
        q -> Nullable<QUote>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(a_b, t,);
