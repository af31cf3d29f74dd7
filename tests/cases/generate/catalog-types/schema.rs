// @generated automatically by Diesel CLI.

pub mod sql_types {
    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "aclitem", schema = "pg_catalog"))]
    pub struct Aclitem;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "box", schema = "pg_catalog"))]
    pub struct Box;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "cid", schema = "pg_catalog"))]
    pub struct Cid;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "circle", schema = "pg_catalog"))]
    pub struct Circle;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "gtsvector", schema = "pg_catalog"))]
    pub struct Gtsvector;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "int2vector", schema = "pg_catalog"))]
    pub struct Int2vector;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "jsonpath", schema = "pg_catalog"))]
    pub struct Jsonpath;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "line", schema = "pg_catalog"))]
    pub struct Line;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "lseg", schema = "pg_catalog"))]
    pub struct Lseg;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "name", schema = "pg_catalog"))]
    pub struct Name;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "oidvector", schema = "pg_catalog"))]
    pub struct Oidvector;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "path", schema = "pg_catalog"))]
    pub struct Path;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "pg_node_tree", schema = "pg_catalog"))]
    pub struct PgNodeTree;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "pg_snapshot", schema = "pg_catalog"))]
    pub struct PgSnapshot;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "point", schema = "pg_catalog"))]
    pub struct Point;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "polygon", schema = "pg_catalog"))]
    pub struct Polygon;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "refcursor", schema = "pg_catalog"))]
    pub struct Refcursor;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "regclass", schema = "pg_catalog"))]
    pub struct Regclass;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "regcollation", schema = "pg_catalog"))]
    pub struct Regcollation;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "regconfig", schema = "pg_catalog"))]
    pub struct Regconfig;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "regdictionary", schema = "pg_catalog"))]
    pub struct Regdictionary;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "regnamespace", schema = "pg_catalog"))]
    pub struct Regnamespace;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "regoper", schema = "pg_catalog"))]
    pub struct Regoper;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "regoperator", schema = "pg_catalog"))]
    pub struct Regoperator;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "regproc", schema = "pg_catalog"))]
    pub struct Regproc;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "regprocedure", schema = "pg_catalog"))]
    pub struct Regprocedure;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "regrole", schema = "pg_catalog"))]
    pub struct Regrole;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "regtype", schema = "pg_catalog"))]
    pub struct Regtype;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "tid", schema = "pg_catalog"))]
    pub struct Tid;

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
    #[diesel(postgres_type(name = "txid_snapshot", schema = "pg_catalog"))]
    pub struct TxidSnapshot;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "varbit", schema = "pg_catalog"))]
    pub struct Varbit;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "xid", schema = "pg_catalog"))]
    pub struct Xid;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "xid8", schema = "pg_catalog"))]
    pub struct Xid8;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "xml", schema = "pg_catalog"))]
    pub struct Xml;
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Aclitem;
    use super::sql_types::Box;
    use super::sql_types::Cid;
    use super::sql_types::Circle;
    use super::sql_types::Gtsvector;
    use super::sql_types::Int2vector;
    use super::sql_types::Jsonpath;
    use super::sql_types::Line;
    use super::sql_types::Lseg;
    use super::sql_types::Name;
    use super::sql_types::Oidvector;
    use super::sql_types::Path;
    use super::sql_types::PgNodeTree;
    use super::sql_types::PgSnapshot;
    use super::sql_types::Point;
    use super::sql_types::Polygon;
    use super::sql_types::Refcursor;
    use super::sql_types::Regclass;
    use super::sql_types::Regcollation;
    use super::sql_types::Regconfig;
    use super::sql_types::Regdictionary;
    use super::sql_types::Regnamespace;
    use super::sql_types::Regoper;
    use super::sql_types::Regoperator;
    use super::sql_types::Regproc;
    use super::sql_types::Regprocedure;
    use super::sql_types::Regrole;
    use super::sql_types::Regtype;
    use super::sql_types::Tid;
    use super::sql_types::Timetz;
    use super::sql_types::Tsquery;
    use super::sql_types::Tsvector;
    use super::sql_types::TxidSnapshot;
    use super::sql_types::Varbit;
    use super::sql_types::Xid;
    use super::sql_types::Xid8;
    use super::sql_types::Xml;

    every (id) {
        id -> Int4,
        c0 -> Nullable<Aclitem>,
        #[max_length = 1]
        c1 -> Nullable<Bit>,
        c2 -> Nullable<Bool>,
        c3 -> Nullable<Box>,
        #[max_length = 1]
        c4 -> Nullable<Bpchar>,
        c5 -> Nullable<Bytea>,
        c6 -> Nullable<Char>,
        c7 -> Nullable<Cid>,
        c8 -> Nullable<Cidr>,
        c9 -> Nullable<Circle>,
        c10 -> Nullable<Date>,
        c11 -> Nullable<Datemultirange>,
        c12 -> Nullable<Daterange>,
        c13 -> Nullable<Float4>,
        c14 -> Nullable<Float8>,
        c15 -> Nullable<Gtsvector>,
        c16 -> Nullable<Inet>,
        c17 -> Nullable<Int2>,
        c18 -> Nullable<Int2vector>,
        c19 -> Nullable<Int4>,
        c20 -> Nullable<Int4multirange>,
        c21 -> Nullable<Int4range>,
        c22 -> Nullable<Int8>,
        c23 -> Nullable<Int8multirange>,
        c24 -> Nullable<Int8range>,
        c25 -> Nullable<Interval>,
        c26 -> Nullable<Json>,
        c27 -> Nullable<Jsonb>,
        c28 -> Nullable<Jsonpath>,
        c29 -> Nullable<Line>,
        c30 -> Nullable<Lseg>,
        c31 -> Nullable<Macaddr>,
        c32 -> Nullable<Macaddr8>,
        c33 -> Nullable<Money>,
        c34 -> Nullable<Name>,
        c35 -> Nullable<Numeric>,
        c36 -> Nullable<Nummultirange>,
        c37 -> Nullable<Numrange>,
        c38 -> Nullable<Oid>,
        c39 -> Nullable<Oidvector>,
        c40 -> Nullable<Path>,
        c41 -> Nullable<PgLsn>,
        c42 -> Nullable<PgNodeTree>,
        c43 -> Nullable<PgSnapshot>,
        c44 -> Nullable<Point>,
        c45 -> Nullable<Polygon>,
        c46 -> Nullable<Refcursor>,
        c47 -> Nullable<Regclass>,
        c48 -> Nullable<Regcollation>,
        c49 -> Nullable<Regconfig>,
        c50 -> Nullable<Regdictionary>,
        c51 -> Nullable<Regnamespace>,
        c52 -> Nullable<Regoper>,
        c53 -> Nullable<Regoperator>,
        c54 -> Nullable<Regproc>,
        c55 -> Nullable<Regprocedure>,
        c56 -> Nullable<Regrole>,
        c57 -> Nullable<Regtype>,
        c58 -> Nullable<Text>,
        c59 -> Nullable<Tid>,
        c60 -> Nullable<Time>,
        c61 -> Nullable<Timestamp>,
        c62 -> Nullable<Timestamptz>,
        c63 -> Nullable<Timetz>,
        c64 -> Nullable<Tsmultirange>,
        c65 -> Nullable<Tsquery>,
        c66 -> Nullable<Tsrange>,
        c67 -> Nullable<Tstzmultirange>,
        c68 -> Nullable<Tstzrange>,
        c69 -> Nullable<Tsvector>,
        c70 -> Nullable<TxidSnapshot>,
        c71 -> Nullable<Uuid>,
        c72 -> Nullable<Varbit>,
        c73 -> Nullable<Varchar>,
        c74 -> Nullable<Xid>,
        c75 -> Nullable<Xid8>,
        c76 -> Nullable<Xml>,
    }
}
