CREATE TYPE ty AS (a int, b text); CREATE TYPE tz AS (b text, a int); CREATE TABLE t OF tz; CREATE TABLE s (a int);
CREATE TYPE sh AS (a int, b text); CREATE TABLE u OF sh; CREATE TYPE one AS (a int); CREATE TYPE two AS (a int, b text); CREATE TABLE v OF two;
CREATE TYPE x AS (a int); CREATE TYPE y AS (a int); CREATE TABLE w OF x;
