SELECT '3764/' || t.oid AS addr, n.nspname AS schema, t.tmplname AS name, '' AS sub,
       CASE WHEN t.tmplinit <> 0 THEN t.tmplinit::regproc::text END AS init, t.tmpllexize::regproc::text AS lexize,
       {{comment 3764 t.oid}} AS comment
FROM pg_ts_template t
JOIN pg_namespace n ON n.oid = t.tmplnamespace
WHERE {{user n}} AND {{own 3764 t.oid}}
