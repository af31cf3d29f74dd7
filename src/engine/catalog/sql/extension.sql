SELECT '3079/' || e.oid AS addr, '' AS schema, e.extname AS name, '' AS sub,
       e.extversion AS version, quote_ident(n.nspname) AS in_schema,
       CASE WHEN e.extrelocatable THEN 't' END AS _relocatable,
       CASE WHEN e.extversion = v.default_version THEN 't' END AS _usual_version,
       CASE WHEN v.name IS NOT NULL THEN (SELECT string_agg(w.target, E'\n' ORDER BY w.target)
         FROM pg_extension_update_paths(e.extname) w WHERE w.source = e.extversion AND w.path IS NOT NULL) END AS _ways,
       CASE WHEN v.comment IS NULL OR {{comment 3079 e.oid}} IS DISTINCT FROM v.comment THEN 't' END AS _own_comment,
       {{comment 3079 e.oid}} AS comment
FROM pg_extension e
JOIN pg_namespace n ON n.oid = e.extnamespace
LEFT JOIN pg_available_extensions v ON v.name = e.extname
WHERE e.extname <> 'plpgsql'
