CREATE TYPE ty AS (a int, b text); CREATE TYPE tz AS (b text, a int); CREATE TABLE t OF ty; CREATE TABLE s OF ty;
CREATE TYPE sh AS (a int); CREATE TABLE u (a int, b text); CREATE TYPE one AS (a int); CREATE TABLE v OF one;
CREATE TYPE x AS (a int); CREATE TYPE y AS (a int); CREATE TABLE w OF y;
