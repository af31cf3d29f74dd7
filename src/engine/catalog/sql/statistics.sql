SELECT '3381/' || s.oid AS addr, n.nspname AS schema, s.stxname AS name, '' AS sub,
       pg_get_statisticsobjdef(s.oid) AS definition,
       CASE WHEN s.stxstattarget >= 0 THEN s.stxstattarget END AS target,
       {{comment 3381 s.oid}} AS comment, {{owner s.stxowner}} AS owner
FROM pg_statistic_ext s
JOIN pg_namespace n ON n.oid = s.stxnamespace
WHERE {{user n}} AND {{own 3381 s.oid}}
