CREATE TYPE c AS (a integer);
