SELECT '3601/' || p.oid AS addr, n.nspname AS schema, p.prsname AS name, '' AS sub,
       p.prsstart::regproc::text AS start, p.prstoken::regproc::text AS gettoken, p.prsend::regproc::text AS end,
       CASE WHEN p.prsheadline <> 0 THEN p.prsheadline::regproc::text END AS headline,
       p.prslextype::regproc::text AS lextypes,
       {{comment 3601 p.oid}} AS comment
FROM pg_ts_parser p
JOIN pg_namespace n ON n.oid = p.prsnamespace
WHERE {{user n}} AND {{own 3601 p.oid}}
