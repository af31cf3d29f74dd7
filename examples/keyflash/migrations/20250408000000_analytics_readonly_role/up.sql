-- Who makes reports reads figures, and no e-mail or IP address: GRANT keyflash_analytics TO the person's own role.
-- A role belongs to the whole server, so another database may have made it already. Needs CREATEROLE.

DO $$
BEGIN
  CREATE ROLE keyflash_analytics NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
  RAISE NOTICE 'the role keyflash_analytics is there already';
END $$;
GRANT SELECT ON search_history, system_metrics, daily_search_stats TO keyflash_analytics;
GRANT SELECT (id, user_id, endpoint, duration, status_code, timestamp) ON api_usage TO keyflash_analytics;
