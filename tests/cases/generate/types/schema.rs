// @generated automatically by Diesel CLI.

pub mod sql_types {
    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "box", schema = "pg_catalog"))]
    pub struct Box;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "name", schema = "pg_catalog"))]
    pub struct Name;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "point", schema = "pg_catalog"))]
    pub struct Point;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "regclass", schema = "pg_catalog"))]
    pub struct Regclass;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "timetz", schema = "pg_catalog"))]
    pub struct Timetz;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "tsquery", schema = "pg_catalog"))]
    pub struct Tsquery;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "tsvector", schema = "pg_catalog"))]
    pub struct Tsvector;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "varbit", schema = "pg_catalog"))]
    pub struct Varbit;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "xid", schema = "pg_catalog"))]
    pub struct Xid;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "xml", schema = "pg_catalog"))]
    pub struct Xml;
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Timetz;

    everyday (id) {
        id -> Int4,
        a -> Nullable<Int2>,
        b -> Int8,
        c -> Nullable<Float4>,
        d -> Nullable<Float8>,
        e -> Nullable<Numeric>,
        f -> Nullable<Money>,
        g -> Text,
        h -> Nullable<Varchar>,
        #[max_length = 30]
        i -> Nullable<Varchar>,
        #[max_length = 1]
        j -> Nullable<Bpchar>,
        #[max_length = 7]
        k -> Nullable<Bpchar>,
        l -> Nullable<Bytea>,
        m -> Nullable<Date>,
        n -> Nullable<Time>,
        o -> Nullable<Timetz>,
        p -> Nullable<Timestamp>,
        q -> Timestamptz,
        r -> Nullable<Interval>,
        s -> Bool,
        t -> Nullable<Uuid>,
        u -> Nullable<Json>,
        v -> Nullable<Jsonb>,
        w -> Nullable<Inet>,
        x -> Nullable<Cidr>,
        y -> Nullable<Macaddr>,
        z -> Nullable<Macaddr8>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Tsvector;
    use super::sql_types::Tsquery;
    use super::sql_types::Xml;
    use super::sql_types::Varbit;
    use super::sql_types::Point;
    use super::sql_types::Box;
    use super::sql_types::Regclass;
    use super::sql_types::Name;
    use super::sql_types::Xid;

    others (id) {
        id -> Int8,
        a -> Nullable<Int4range>,
        b -> Nullable<Int8range>,
        c -> Nullable<Numrange>,
        d -> Nullable<Tsrange>,
        e -> Nullable<Tstzrange>,
        f -> Nullable<Daterange>,
        g -> Nullable<Int4multirange>,
        h -> Nullable<Int8multirange>,
        i -> Nullable<Nummultirange>,
        j -> Nullable<Tsmultirange>,
        k -> Nullable<Tstzmultirange>,
        l -> Nullable<Datemultirange>,
        m -> Nullable<Tsvector>,
        n -> Nullable<Tsquery>,
        o -> Nullable<Xml>,
        #[max_length = 3]
        p -> Nullable<Bit>,
        #[max_length = 5]
        q -> Nullable<Varbit>,
        r -> Nullable<Point>,
        s -> Nullable<Box>,
        t -> Nullable<Oid>,
        u -> Nullable<Regclass>,
        v -> Nullable<Name>,
        w -> Nullable<Char>,
        x -> Nullable<Xid>,
        y -> Nullable<PgLsn>,
        z -> Nullable<Timestamp>,
        za -> Nullable<Interval>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(everyday, others,);
