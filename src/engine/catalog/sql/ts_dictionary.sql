SELECT '3600/' || d.oid AS addr, n.nspname AS schema, d.dictname AS name, '' AS sub,
       format('%I.%I', tn.nspname, t.tmplname) AS template, d.dictinitoption AS options,
       {{comment 3600 d.oid}} AS comment, {{owner d.dictowner}} AS owner
FROM pg_ts_dict d
JOIN pg_namespace n ON n.oid = d.dictnamespace
JOIN pg_ts_template t ON t.oid = d.dicttemplate
JOIN pg_namespace tn ON tn.oid = t.tmplnamespace
WHERE {{user n}} AND {{own 3600 d.oid}}
