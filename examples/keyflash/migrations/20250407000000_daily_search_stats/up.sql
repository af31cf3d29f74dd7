-- Searches by day, for reports; `REFRESH MATERIALIZED VIEW CONCURRENTLY daily_search_stats` brings it up to date.

CREATE MATERIALIZED VIEW daily_search_stats AS
SELECT
  (searched_at AT TIME ZONE 'UTC')::date AS day,
  provider,
  count(*) AS searches,
  count(*) FILTER (WHERE user_id IS NULL) AS anonymous,
  count(*) FILTER (WHERE cache_hit) AS cache_hits,
  round(avg(response_time)) AS average_ms,
  count(*) FILTER (WHERE response_time > 500) AS slow
FROM search_history
GROUP BY 1, 2;
-- REFRESH MATERIALIZED VIEW CONCURRENTLY needs it.
CREATE UNIQUE INDEX daily_search_stats_day_provider_key ON daily_search_stats (day, provider);
