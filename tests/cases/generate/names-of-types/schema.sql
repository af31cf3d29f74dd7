CREATE TYPE public."integer" AS ENUM ('a');
CREATE TYPE public."small_int" AS ENUM ('a');
CREATE TYPE public."BigInt" AS ENUM ('a');
CREATE TYPE public."Array" AS ENUM ('a');
CREATE TYPE public."Record" AS ENUM ('a');
CREATE TYPE public."double" AS ENUM ('a');
CREATE TYPE public."float" AS ENUM ('a');
CREATE TYPE public."Nullable" AS ENUM ('a');
CREATE TYPE public."Binary" AS ENUM ('a');
CREATE TYPE public."blob" AS ENUM ('a');
CREATE TYPE public."decimal" AS ENUM ('a');
CREATE TYPE public."timestamptz_sqlite" AS ENUM ('a');
CREATE TYPE public."unsigned" AS ENUM ('a');
CREATE TYPE public."tinyint" AS ENUM ('a');
CREATE TYPE public."multirange" AS ENUM ('a');
CREATE TYPE public."range" AS ENUM ('a');
CREATE TYPE public."untyped" AS ENUM ('a');
CREATE TYPE public."datetime" AS ENUM ('a');
CREATE TYPE public."string" AS ENUM ('a');
CREATE TYPE public."vec" AS ENUM ('a');
CREATE TYPE public."option" AS ENUM ('a');
CREATE TYPE public."timestamp2" AS ENUM ('a');
CREATE TYPE public."timestamptz" AS ENUM ('a');
CREATE TYPE public."int4" AS ENUM ('a');
CREATE TYPE public."big_serial" AS ENUM ('a');
CREATE TYPE public."serial" AS ENUM ('a');
CREATE TYPE public."small_serial" AS ENUM ('a');
CREATE TYPE public."text_" AS ENUM ('a');
CREATE TYPE public."VarChar" AS ENUM ('a');
CREATE TYPE public."char_" AS ENUM ('a');
CREATE TYPE public."c_char" AS ENUM ('a');
CREATE TYPE public."json_b" AS ENUM ('a');
CREATE TYPE public."mac_addr" AS ENUM ('a');
CREATE TYPE public."pg_lsn" AS ENUM ('a');
CREATE TYPE public."varbinary" AS ENUM ('a');
CREATE TYPE public."longblob" AS ENUM ('a');
CREATE TYPE public."time_stamp" AS ENUM ('a');
CREATE TYPE public."oid" AS ENUM ('a');
CREATE TYPE public."cid" AS ENUM ('a');
CREATE TYPE public."xid" AS ENUM ('a');
CREATE TYPE public."nummultirange" AS ENUM ('a');
CREATE TYPE public."enum" AS ENUM ('a');
CREATE TYPE public."is_nullable" AS ENUM ('a');
CREATE TYPE public."not_null" AS ENUM ('a');
CREATE TYPE public."Tinyblob" AS ENUM ('a');
CREATE TYPE public."Mediumblob" AS ENUM ('a');
CREATE TYPE public."Longtext" AS ENUM ('a');
CREATE TYPE public."Mediumtext" AS ENUM ('a');
CREATE TYPE public."Tinytext" AS ENUM ('a');
CREATE TYPE public."Nchar" AS ENUM ('a');
CREATE TYPE public."Nvarchar" AS ENUM ('a');
CREATE TYPE public."MacAddr8" AS ENUM ('a');
CREATE TYPE public."Boolean" AS ENUM ('a');
CREATE TYPE public."Real" AS ENUM ('a');
CREATE TYPE public."Int2" AS ENUM ('a');
CREATE TYPE public."Int8" AS ENUM ('a');
CREATE TYPE public."bool" AS ENUM ('a');
CREATE TYPE public."int8range" AS ENUM ('a');
CREATE TYPE public."Int4range" AS ENUM ('a');
CREATE TYPE public."date_range" AS ENUM ('a');
CREATE TYPE public."tsrange" AS ENUM ('a');
CREATE TYPE public."Tstzrange" AS ENUM ('a');
CREATE TYPE public."numrange" AS ENUM ('a');
CREATE TYPE public."Datemultirange" AS ENUM ('a');
CREATE TYPE public."interval" AS ENUM ('a');
CREATE TYPE public."Date" AS ENUM ('a');
CREATE TYPE public."Time" AS ENUM ('a');
CREATE TYPE public."uuid" AS ENUM ('a');
CREATE TYPE public."json" AS ENUM ('a');
CREATE TYPE public."jsonpath" AS ENUM ('a');
CREATE TYPE public."inet" AS ENUM ('a');
CREATE TYPE public."cidr" AS ENUM ('a');
CREATE TYPE public."money" AS ENUM ('a');
CREATE TYPE public."numeric" AS ENUM ('a');
CREATE TYPE public."bit" AS ENUM ('a');
CREATE TYPE public."varbit" AS ENUM ('a');
CREATE TYPE public."Bpchar" AS ENUM ('a');
CREATE TYPE public."Bytea" AS ENUM ('a');
CREATE TYPE public."citext" AS ENUM ('a');
CREATE TYPE public."Ltree" AS ENUM ('a');
CREATE TYPE public."hstore" AS ENUM ('a');
CREATE TYPE public."Name" AS ENUM ('a');
CREATE TYPE public."character" AS ENUM ('a');
CREATE TYPE public."tsmultirange" AS ENUM ('a');
CREATE TYPE public."tstzmultirange" AS ENUM ('a');
CREATE TYPE public."int4multirange" AS ENUM ('a');
CREATE TYPE public."int8multirange" AS ENUM ('a');
CREATE TYPE public."Point" AS ENUM ('a');
CREATE TYPE public."Tuple" AS ENUM ('a');
CREATE TYPE public."Sql" AS ENUM ('a');
CREATE TYPE public."SqlType" AS ENUM ('a');
CREATE TYPE public."Foldable" AS ENUM ('a');
CREATE TYPE public."SingleValue" AS ENUM ('a');
CREATE TYPE public."BoolOrNullable" AS ENUM ('a');
CREATE TYPE public."MaybeNullableType" AS ENUM ('a');
CREATE TYPE public."hidden" AS ENUM ('a');
CREATE TYPE public."Year" AS ENUM ('a');
CREATE TYPE public."Set" AS ENUM ('a');
CREATE TYPE public."int" AS ENUM ('a');
CREATE TYPE public."num" AS ENUM ('a');
CREATE TYPE public."Number" AS ENUM ('a');
CREATE TYPE public."Float4" AS ENUM ('a');
CREATE TYPE public."float8" AS ENUM ('a');
CREATE TYPE public."DoublePrecision" AS ENUM ('a');
CREATE TYPE public."Lsn" AS ENUM ('a');
CREATE TYPE public."Array2" AS ENUM ('a');
CREATE TYPE public."Inet4" AS ENUM ('a');
CREATE TYPE public."Blob2" AS ENUM ('a');
CREATE TYPE public."TinyInt2" AS ENUM ('a');
CREATE TYPE public."Decimal2" AS ENUM ('a');
CREATE TYPE public."Datetime2" AS ENUM ('a');
CREATE TYPE public."Xml" AS ENUM ('a');
CREATE TYPE public."Ts_Vector" AS ENUM ('a');
CREATE TYPE public."Unit" AS ENUM ('a');
CREATE TYPE public."HTTPCode" AS ENUM ('a');
CREATE TYPE public."snake_case_type" AS ENUM ('a');
CREATE TYPE public."Mixed_case" AS ENUM ('a');
CREATE TYPE public."my-type" AS ENUM ('a');
CREATE TYPE public."a__b" AS ENUM ('a');
CREATE TYPE public."x y" AS ENUM ('a');
CREATE TYPE public."éa" AS ENUM ('a');
CREATE TYPE public."t1_2b" AS ENUM ('a');
CREATE TYPE public."ABCDef" AS ENUM ('a');
CREATE TYPE public."User2Role" AS ENUM ('a');
CREATE TYPE public."_mood" AS ENUM ('a');

CREATE TABLE typed (
    id integer PRIMARY KEY,
    c0 public."integer",
    c1 public."small_int",
    c2 public."BigInt",
    c3 public."Array",
    c4 public."Record",
    c5 public."double",
    c6 public."float",
    c7 public."Nullable",
    c8 public."Binary",
    c9 public."blob",
    c10 public."decimal",
    c11 public."timestamptz_sqlite",
    c12 public."unsigned",
    c13 public."tinyint",
    c14 public."multirange",
    c15 public."range",
    c16 public."untyped",
    c17 public."datetime",
    c18 public."string",
    c19 public."vec",
    c20 public."option",
    c21 public."timestamp2",
    c22 public."timestamptz",
    c23 public."int4",
    c24 public."big_serial",
    c25 public."serial",
    c26 public."small_serial",
    c27 public."text_",
    c28 public."VarChar",
    c29 public."char_",
    c30 public."c_char",
    c31 public."json_b",
    c32 public."mac_addr",
    c33 public."pg_lsn",
    c34 public."varbinary",
    c35 public."longblob",
    c36 public."time_stamp",
    c37 public."oid",
    c38 public."cid",
    c39 public."xid",
    c40 public."nummultirange",
    c41 public."enum",
    c42 public."is_nullable",
    c43 public."not_null",
    c44 public."Tinyblob",
    c45 public."Mediumblob",
    c46 public."Longtext",
    c47 public."Mediumtext",
    c48 public."Tinytext",
    c49 public."Nchar",
    c50 public."Nvarchar",
    c51 public."MacAddr8",
    c52 public."Boolean",
    c53 public."Real",
    c54 public."Int2",
    c55 public."Int8",
    c56 public."bool",
    c57 public."int8range",
    c58 public."Int4range",
    c59 public."date_range",
    c60 public."tsrange",
    c61 public."Tstzrange",
    c62 public."numrange",
    c63 public."Datemultirange",
    c64 public."interval",
    c65 public."Date",
    c66 public."Time",
    c67 public."uuid",
    c68 public."json",
    c69 public."jsonpath",
    c70 public."inet",
    c71 public."cidr",
    c72 public."money",
    c73 public."numeric",
    c74 public."bit",
    c75 public."varbit",
    c76 public."Bpchar",
    c77 public."Bytea",
    c78 public."citext",
    c79 public."Ltree",
    c80 public."hstore",
    c81 public."Name",
    c82 public."character",
    c83 public."tsmultirange",
    c84 public."tstzmultirange",
    c85 public."int4multirange",
    c86 public."int8multirange",
    c87 public."Point",
    c88 public."Tuple",
    c89 public."Sql",
    c90 public."SqlType",
    c91 public."Foldable",
    c92 public."SingleValue",
    c93 public."BoolOrNullable",
    c94 public."MaybeNullableType",
    c95 public."hidden",
    c96 public."Year",
    c97 public."Set",
    c98 public."int",
    c99 public."num",
    c100 public."Number",
    c101 public."Float4",
    c102 public."float8",
    c103 public."DoublePrecision",
    c104 public."Lsn",
    c105 public."Array2",
    c106 public."Inet4",
    c107 public."Blob2",
    c108 public."TinyInt2",
    c109 public."Decimal2",
    c110 public."Datetime2",
    c111 public."Xml",
    c112 public."Ts_Vector",
    c113 public."Unit",
    c114 public."HTTPCode",
    c115 public."snake_case_type",
    c116 public."Mixed_case",
    c117 public."my-type",
    c118 public."a__b",
    c119 public."x y",
    c120 public."éa",
    c121 public."t1_2b",
    c122 public."ABCDef",
    c123 public."User2Role",
    c124 public."_mood"
);
