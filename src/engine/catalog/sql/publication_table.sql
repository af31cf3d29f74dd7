SELECT '6106/' || r.oid AS addr, n.nspname AS schema, c.relname AS name, p.pubname AS sub,
       (SELECT string_agg(a.attname, E'\n' ORDER BY a.attnum) --+150000
          FROM pg_attribute a WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs)) AS columns, --+150000
       '(' || pg_get_expr(r.prqual, r.prrelid) || ')' AS condition, --+150000
       NULL AS columns, NULL AS condition, --<150000
       CASE WHEN r.prexcept THEN 't' END AS except --+190000
       NULL AS except --<190000
FROM pg_publication_rel r
JOIN pg_publication p ON p.oid = r.prpubid
JOIN pg_class c ON c.oid = r.prrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {{user n}}
