-- The report as of these searches.
REFRESH MATERIALIZED VIEW daily_search_stats;
