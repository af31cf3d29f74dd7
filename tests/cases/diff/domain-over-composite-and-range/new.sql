CREATE TYPE pair AS (a bigint, b bigint);
CREATE DOMAIN ordered AS pair CHECK ((VALUE).a <= (VALUE).b);
CREATE DOMAIN short AS int8range CHECK (upper(VALUE) - lower(VALUE) < 5);
CREATE TABLE t (o ordered, s short);
