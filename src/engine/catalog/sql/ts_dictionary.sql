SELECT '3600/' || y.oid AS addr, n.nspname AS schema, y.dictname AS name, '' AS sub,
       format('%I.%I', tn.nspname, t.tmplname) AS template, y.dictinitoption AS options,
       {{comment 3600 y.oid}} AS comment, {{owner y.dictowner}} AS owner
FROM pg_ts_dict y
JOIN pg_namespace n ON n.oid = y.dictnamespace
JOIN pg_ts_template t ON t.oid = y.dicttemplate
JOIN pg_namespace tn ON tn.oid = t.tmplnamespace
WHERE {{user n}} AND {{own 3600 y.oid}}
