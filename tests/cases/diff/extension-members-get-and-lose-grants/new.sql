CREATE EXTENSION pg_stat_statements; GRANT EXECUTE ON FUNCTION pg_stat_statements_reset TO app_reader; REVOKE SELECT ON pg_stat_statements FROM PUBLIC;
