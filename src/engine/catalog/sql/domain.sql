SELECT '1247/' || t.oid || ' 1247/' || t.typarray
         || coalesce(' 2606/' || k.oid, '') --+170000
         AS addr, n.nspname AS schema, t.typname AS name, '' AS sub,
       format_type(t.typbasetype, t.typtypmod) AS type,
       CASE WHEN t.typcollation <> b.typcollation THEN t.typcollation::regcollation::text END AS collation,
       coalesce(pg_get_expr(t.typdefaultbin, 0), quote_literal(t.typdefault)) AS default,
       CASE WHEN t.typnotnull THEN 't' END AS not_null,
       CASE WHEN k.conname <> t.typname || '_not_null' THEN k.conname END AS not_null_name, --+170000
       k.conname AS _not_null_constraint, --+170000
       CASE WHEN t.typnotnull THEN {{unreadable}} END AS not_null_name, NULL AS _not_null_constraint, --<170000
       {{comment 1247 t.oid}} AS comment, {{owner t.typowner}} AS owner, {{acl t.typacl T t.typowner}} AS acl
FROM pg_type t
JOIN pg_namespace n ON n.oid = t.typnamespace
JOIN pg_type b ON b.oid = t.typbasetype
LEFT JOIN pg_constraint k ON k.contypid = t.oid AND k.contype = 'n' --+170000
WHERE t.typtype = 'd' AND {{user n}} AND {{own 1247 t.oid}}
