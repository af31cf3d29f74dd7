SELECT '1259/' || c.oid AS addr, n.nspname AS schema, c.relname AS name, '' AS sub,
       pg_get_indexdef(c.oid) AS definition,
       {{options c.reloptions}} AS options,
       CASE WHEN i.indisclustered THEN 't' END AS clustered,
       CASE WHEN i.indisreplident THEN 't' END AS replica_identity,
       CASE WHEN NOT i.indisvalid AND c.relkind = 'i' THEN 't' END AS invalid,
       -- Only columns that are expressions can have one (docs, ALTER INDEX).
       CASE WHEN i.indexprs IS NOT NULL THEN (SELECT string_agg(a.attnum || ' ' || a.attstattarget, E'\n' ORDER BY a.attnum)
          FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attstattarget >= 0) END AS statistics,
       c.oid AS _oid, i.indrelid::regclass::text AS _table, tc.relname AS _table_name, tn.nspname AS _table_schema, tc.relkind AS _relkind,
       CASE WHEN i.indisunique THEN 't' END AS _unique,
       CASE WHEN i.indisunique THEN (SELECT string_agg(pg_get_indexdef(c.oid, k, true), ', ' ORDER BY k)
          FROM generate_series(1, i.indnkeyatts) k) END AS _keys,
       CASE WHEN i.indisunique THEN concat_ws(' AND ', '(' || pg_get_expr(i.indpred, i.indrelid) || ')', --<150000
       CASE WHEN i.indisunique THEN concat_ws(' AND ', '(' || pg_get_expr(i.indpred, i.indrelid) || ')', CASE WHEN NOT i.indnullsnotdistinct THEN --+150000
         (SELECT string_agg('(' || pg_get_indexdef(c.oid, k, true) || ') IS NOT NULL', ' AND ' ORDER BY k)
          FROM generate_series(1, i.indnkeyatts) k)
         END --+150000
         ) END AS _counts,
       {{extensions 1259 c.oid}} AS extensions,
       d.description AS comment
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_class tc ON tc.oid = i.indrelid
JOIN pg_namespace tn ON tn.oid = tc.relnamespace
LEFT JOIN pg_description d ON d.objoid = c.oid AND d.classoid = 1259 AND d.objsubid = 0
WHERE {{user n}} AND {{own 1259 i.indrelid}}
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid AND k.contype IN ('p', 'u', 'x'))
