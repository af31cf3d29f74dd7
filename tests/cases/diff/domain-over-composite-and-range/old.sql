CREATE TYPE pair AS (a integer, b integer);
CREATE DOMAIN ordered AS pair CHECK ((VALUE).a < (VALUE).b);
CREATE DOMAIN short AS int4range CHECK (upper(VALUE) - lower(VALUE) < 5);
CREATE TABLE t (o ordered, s short);
