SELECT '2601/' || a.oid AS addr, '' AS schema, a.amname AS name, '' AS sub,
       CASE a.amtype WHEN 'i' THEN 'INDEX' ELSE 'TABLE' END AS type, a.amhandler::regproc::text AS handler,
       {{comment 2601 a.oid}} AS comment
FROM pg_am a
WHERE a.oid >= 16384 AND {{own 2601 a.oid}}
