REVOKE SELECT (id, user_id, endpoint, duration, status_code, timestamp) ON api_usage FROM keyflash_analytics;
REVOKE SELECT ON search_history, system_metrics, daily_search_stats FROM keyflash_analytics;
-- It stays while another database of this server uses it.
DO $$
BEGIN
  DROP ROLE keyflash_analytics;
EXCEPTION WHEN dependent_objects_still_exist THEN
  RAISE NOTICE 'the role keyflash_analytics stays: another database uses it';
END $$;
