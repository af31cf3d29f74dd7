SELECT '2606/' || k.oid || CASE WHEN k.contype IN ('p', 'u', 'x') THEN ' 1259/' || k.conindid ELSE '' END AS addr,
       n.nspname AS schema, c.relname AS name, k.conname AS sub,
       k.contype AS type,
       pg_get_constraintdef(k.oid) AS definition,
       CASE WHEN k.contype IN ('p', 'u', 'x') AND i.indisclustered THEN 't' END AS clustered,
       CASE WHEN k.contype IN ('p', 'u', 'x') AND i.indisreplident THEN 't' END AS replica_identity,
       CASE WHEN k.contype IN ('c', 'f') AND NOT k.convalidated THEN 't' END AS not_valid,
       CASE WHEN k.contype IN ('p', 'u', 'x') THEN {{options x.reloptions}} END AS options,
       CASE WHEN k.contype IN ('p', 'u', 'x') THEN {{comment 1259 k.conindid}} END AS index_comment,
       CASE WHEN k.contype = 'f' THEN k.confrelid::regclass::text END AS _references,
       CASE WHEN k.contype IN ('p', 'u', 'x') THEN k.conindid END AS _oid,
       CASE WHEN k.connoinherit THEN 't' END AS _no_inherit,
       CASE WHEN k.conparentid <> 0 OR k.coninhcount > 0 THEN 't' END AS _inherited,
       CASE WHEN c.relkind = 'p' THEN 't' END AS _partitioned,
       (SELECT string_agg(a.attname, E'\n' ORDER BY array_position(k.conkey, a.attnum))
          FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)) AS _columns,
       d.description AS comment
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_index i ON i.indexrelid = k.conindid
LEFT JOIN pg_class x ON x.oid = k.conindid AND k.contype IN ('p', 'u', 'x')
LEFT JOIN pg_description d ON d.objoid = k.oid AND d.classoid = 2606 AND d.objsubid = 0
WHERE (k.contype IN ('p', 'u', 'x') OR k.contype = 'f' AND k.conparentid = 0 OR k.contype = 'c' AND k.coninhcount = 0)
  AND {{user n}} AND {{own 1259 c.oid}}
