// @generated automatically by Diesel CLI.

pub mod sql_types {
    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "a__b"))]
    pub struct AB;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "ABCDef"))]
    pub struct AbcDef;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "Array"))]
    pub struct Array;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "Array2"))]
    pub struct Array2;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "Blob2"))]
    pub struct Blob2;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "BoolOrNullable"))]
    pub struct BoolOrNullable;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "Boolean"))]
    pub struct Boolean;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "c_char"))]
    pub struct CChar;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "character"))]
    pub struct Character;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "cid"))]
    pub struct Cid;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "date_range"))]
    pub struct DateRange;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "datetime"))]
    pub struct Datetime;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "Datetime2"))]
    pub struct Datetime2;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "Decimal2"))]
    pub struct Decimal2;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "DoublePrecision"))]
    pub struct DoublePrecision;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "enum"))]
    pub struct Enum;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "Foldable"))]
    pub struct Foldable;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "hidden"))]
    pub struct Hidden;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "hstore"))]
    pub struct Hstore;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "HTTPCode"))]
    pub struct HttpCode;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "Inet4"))]
    pub struct Inet4;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "int"))]
    pub struct Int;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "is_nullable"))]
    pub struct IsNullable;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "json_b"))]
    pub struct JsonB;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "jsonpath"))]
    pub struct Jsonpath;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "Lsn"))]
    pub struct Lsn;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "Ltree"))]
    pub struct Ltree;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "MaybeNullableType"))]
    pub struct MaybeNullableType;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "Mixed_case"))]
    pub struct MixedCase;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "mood"))]
    pub struct Mood;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "multirange"))]
    pub struct Multirange;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "my-type"))]
    pub struct MyType;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "Name"))]
    pub struct Name;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "Nchar"))]
    pub struct Nchar;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "not_null"))]
    pub struct NotNull;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "Nullable"))]
    pub struct Nullable;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "num"))]
    pub struct Num;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "Number"))]
    pub struct Number;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "Nvarchar"))]
    pub struct Nvarchar;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "option"))]
    pub struct Option;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "Point"))]
    pub struct Point;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "Real"))]
    pub struct Real;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "Set"))]
    pub struct Set;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "SingleValue"))]
    pub struct SingleValue;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "snake_case_type"))]
    pub struct SnakeCaseType;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "Sql"))]
    pub struct Sql;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "SqlType"))]
    pub struct SqlType;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "string"))]
    pub struct String;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "t1_2b"))]
    pub struct T12b;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "time_stamp"))]
    pub struct TimeStamp;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "timestamp2"))]
    pub struct Timestamp2;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "timestamptz_sqlite"))]
    pub struct TimestamptzSqlite;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "TinyInt2"))]
    pub struct TinyInt2;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "tinyint"))]
    pub struct Tinyint;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "Ts_Vector"))]
    pub struct TsVector;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "Tuple"))]
    pub struct Tuple;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "Unit"))]
    pub struct Unit;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "unsigned"))]
    pub struct Unsigned;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "untyped"))]
    pub struct Untyped;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "User2Role"))]
    pub struct User2Role;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "varbit"))]
    pub struct Varbit;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "vec"))]
    pub struct Vec;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "x y"))]
    pub struct XY;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "xid"))]
    pub struct Xid;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "Xml"))]
    pub struct Xml;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "Year"))]
    pub struct Year;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "éa"))]
    pub struct Éa;
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Array;
    use super::sql_types::Nullable;
    use super::sql_types::TimestamptzSqlite;
    use super::sql_types::Unsigned;
    use super::sql_types::Tinyint;
    use super::sql_types::Multirange;
    use super::sql_types::Untyped;
    use super::sql_types::Datetime;
    use super::sql_types::String;
    use super::sql_types::Vec;
    use super::sql_types::Option;
    use super::sql_types::Timestamp2;
    use super::sql_types::CChar;
    use super::sql_types::JsonB;
    use super::sql_types::TimeStamp;
    use super::sql_types::Cid;
    use super::sql_types::Xid;
    use super::sql_types::Enum;
    use super::sql_types::IsNullable;
    use super::sql_types::NotNull;
    use super::sql_types::Nchar;
    use super::sql_types::Nvarchar;
    use super::sql_types::Boolean;
    use super::sql_types::Real;
    use super::sql_types::DateRange;
    use super::sql_types::Jsonpath;
    use super::sql_types::Varbit;
    use super::sql_types::Ltree;
    use super::sql_types::Hstore;
    use super::sql_types::Name;
    use super::sql_types::Character;
    use super::sql_types::Point;
    use super::sql_types::Tuple;
    use super::sql_types::Sql;
    use super::sql_types::SqlType;
    use super::sql_types::Foldable;
    use super::sql_types::SingleValue;
    use super::sql_types::BoolOrNullable;
    use super::sql_types::MaybeNullableType;
    use super::sql_types::Hidden;
    use super::sql_types::Year;
    use super::sql_types::Set;
    use super::sql_types::Int;
    use super::sql_types::Num;
    use super::sql_types::Number;
    use super::sql_types::DoublePrecision;
    use super::sql_types::Lsn;
    use super::sql_types::Array2;
    use super::sql_types::Inet4;
    use super::sql_types::Blob2;
    use super::sql_types::TinyInt2;
    use super::sql_types::Decimal2;
    use super::sql_types::Datetime2;
    use super::sql_types::Xml;
    use super::sql_types::TsVector;
    use super::sql_types::Unit;
    use super::sql_types::HttpCode;
    use super::sql_types::SnakeCaseType;
    use super::sql_types::MixedCase;
    use super::sql_types::MyType;
    use super::sql_types::AB;
    use super::sql_types::XY;
    use super::sql_types::Éa;
    use super::sql_types::T12b;
    use super::sql_types::AbcDef;
    use super::sql_types::User2Role;
    use super::sql_types::Mood;

    typed (id) {
        id -> Int4,
        c0 -> Nullable<Integer>,
        c1 -> Nullable<SmallInt>,
        c2 -> Nullable<BigInt>,
        c3 -> Nullable<Array>,
        c4 -> Nullable<Record>,
        c5 -> Nullable<Double>,
        c6 -> Nullable<Float>,
        c7 -> Nullable<Nullable>,
        c8 -> Nullable<Binary>,
        c9 -> Nullable<Blob>,
        c10 -> Nullable<Decimal>,
        c11 -> Nullable<TimestamptzSqlite>,
        c12 -> Nullable<Unsigned>,
        c13 -> Nullable<Tinyint>,
        c14 -> Nullable<Multirange>,
        c15 -> Nullable<Range>,
        c16 -> Nullable<Untyped>,
        c17 -> Nullable<Datetime>,
        c18 -> Nullable<String>,
        c19 -> Nullable<Vec>,
        c20 -> Nullable<Option>,
        c21 -> Nullable<Timestamp2>,
        c22 -> Nullable<Timestamptz>,
        c23 -> Nullable<Int4>,
        c24 -> Nullable<BigSerial>,
        c25 -> Nullable<Serial>,
        c26 -> Nullable<SmallSerial>,
        c27 -> Nullable<Text>,
        c28 -> Nullable<VarChar>,
        c29 -> Nullable<Char>,
        c30 -> Nullable<CChar>,
        c31 -> Nullable<JsonB>,
        c32 -> Nullable<MacAddr>,
        c33 -> Nullable<PgLsn>,
        c34 -> Nullable<Varbinary>,
        c35 -> Nullable<Longblob>,
        c36 -> Nullable<TimeStamp>,
        c37 -> Nullable<Oid>,
        c38 -> Nullable<Cid>,
        c39 -> Nullable<Xid>,
        c40 -> Nullable<Nummultirange>,
        c41 -> Nullable<Enum>,
        c42 -> Nullable<IsNullable>,
        c43 -> Nullable<NotNull>,
        c44 -> Nullable<Tinyblob>,
        c45 -> Nullable<Mediumblob>,
        c46 -> Nullable<Longtext>,
        c47 -> Nullable<Mediumtext>,
        c48 -> Nullable<Tinytext>,
        c49 -> Nullable<Nchar>,
        c50 -> Nullable<Nvarchar>,
        c51 -> Nullable<MacAddr8>,
        c52 -> Nullable<Boolean>,
        c53 -> Nullable<Real>,
        c54 -> Nullable<Int2>,
        c55 -> Nullable<Int8>,
        c56 -> Nullable<Bool>,
        c57 -> Nullable<Int8range>,
        c58 -> Nullable<Int4range>,
        c59 -> Nullable<DateRange>,
        c60 -> Nullable<Tsrange>,
        c61 -> Nullable<Tstzrange>,
        c62 -> Nullable<Numrange>,
        c63 -> Nullable<Datemultirange>,
        c64 -> Nullable<Interval>,
        c65 -> Nullable<Date>,
        c66 -> Nullable<Time>,
        c67 -> Nullable<Uuid>,
        c68 -> Nullable<Json>,
        c69 -> Nullable<Jsonpath>,
        c70 -> Nullable<Inet>,
        c71 -> Nullable<Cidr>,
        c72 -> Nullable<Money>,
        c73 -> Nullable<Numeric>,
        c74 -> Nullable<Bit>,
        c75 -> Nullable<Varbit>,
        c76 -> Nullable<Bpchar>,
        c77 -> Nullable<Bytea>,
        c78 -> Nullable<Citext>,
        c79 -> Nullable<Ltree>,
        c80 -> Nullable<Hstore>,
        c81 -> Nullable<Name>,
        c82 -> Nullable<Character>,
        c83 -> Nullable<Tsmultirange>,
        c84 -> Nullable<Tstzmultirange>,
        c85 -> Nullable<Int4multirange>,
        c86 -> Nullable<Int8multirange>,
        c87 -> Nullable<Point>,
        c88 -> Nullable<Tuple>,
        c89 -> Nullable<Sql>,
        c90 -> Nullable<SqlType>,
        c91 -> Nullable<Foldable>,
        c92 -> Nullable<SingleValue>,
        c93 -> Nullable<BoolOrNullable>,
        c94 -> Nullable<MaybeNullableType>,
        c95 -> Nullable<Hidden>,
        c96 -> Nullable<Year>,
        c97 -> Nullable<Set>,
        c98 -> Nullable<Int>,
        c99 -> Nullable<Num>,
        c100 -> Nullable<Number>,
        c101 -> Nullable<Float4>,
        c102 -> Nullable<Float8>,
        c103 -> Nullable<DoublePrecision>,
        c104 -> Nullable<Lsn>,
        c105 -> Nullable<Array2>,
        c106 -> Nullable<Inet4>,
        c107 -> Nullable<Blob2>,
        c108 -> Nullable<TinyInt2>,
        c109 -> Nullable<Decimal2>,
        c110 -> Nullable<Datetime2>,
        c111 -> Nullable<Xml>,
        c112 -> Nullable<TsVector>,
        c113 -> Nullable<Unit>,
        c114 -> Nullable<HttpCode>,
        c115 -> Nullable<SnakeCaseType>,
        c116 -> Nullable<MixedCase>,
        c117 -> Nullable<MyType>,
        c118 -> Nullable<AB>,
        c119 -> Nullable<XY>,
        c120 -> Nullable<Éa>,
        c121 -> Nullable<T12b>,
        c122 -> Nullable<AbcDef>,
        c123 -> Nullable<User2Role>,
        c124 -> Nullable<Array<Nullable<Mood>>>,
    }
}
