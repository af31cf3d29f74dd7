CREATE TABLE reading (id int PRIMARY KEY, value integer, sensor text);
CREATE VIEW r1 AS SELECT id, value, sensor FROM reading;
CREATE VIEW r2 AS SELECT sensor, max(value) AS top FROM r1 GROUP BY sensor;
CREATE VIEW r3 AS SELECT r2.sensor, r2.top - r1.value AS gap FROM r2 JOIN r1 ON r1.sensor = r2.sensor;
CREATE VIEW r4 AS SELECT sensor, avg(gap) AS mean_gap FROM r3 GROUP BY sensor;
COMMENT ON VIEW r3 IS 'distance to the top';
GRANT SELECT ON r4 TO app_reader WITH GRANT OPTION;
