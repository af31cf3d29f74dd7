-- Nothing is lost: it was computed.
DROP MATERIALIZED VIEW daily_search_stats;
