SELECT '3576/' || t.oid AS addr, '' AS schema,
       format('FOR %s LANGUAGE %I', format_type(t.trftype, NULL), l.lanname) AS name, '' AS sub,
       CASE WHEN t.trffromsql <> 0 THEN t.trffromsql::regprocedure::text END AS from_sql,
       CASE WHEN t.trftosql <> 0 THEN t.trftosql::regprocedure::text END AS to_sql,
       {{comment 3576 t.oid}} AS comment
FROM pg_transform t
JOIN pg_language l ON l.oid = t.trflang
WHERE {{own 3576 t.oid}}
