SET IntervalStyle = 'iso_8601'; SET DateStyle = 'SQL, MDY'; SET TimeZone = 'Asia/Tokyo';
CREATE TABLE t (i interval DEFAULT '1 day 3 hours', d date DEFAULT '01/02/2024', b bytea DEFAULT '\x00ff', f float DEFAULT 0.1, z timestamptz DEFAULT '2024-01-01 00:00:00+00');
CREATE VIEW v AS SELECT i > interval '-1 day +02:00:00' AS a, d = date '01/02/2024' AS b FROM t;
