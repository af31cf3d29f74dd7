CREATE TABLE sale (day date, amount numeric);
CREATE MATERIALIZED VIEW daily AS SELECT day, sum(amount) AS total FROM sale GROUP BY day;
CREATE UNIQUE INDEX daily_day ON daily (day);
CREATE VIEW best_day AS SELECT day FROM daily ORDER BY total DESC LIMIT 1;
COMMENT ON MATERIALIZED VIEW daily IS 'per day';
