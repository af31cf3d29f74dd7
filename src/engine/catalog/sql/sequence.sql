SELECT '1259/' || c.oid AS addr, n.nspname AS schema, c.relname AS name, '' AS sub,
       format_type(s.seqtypid, NULL) AS type, s.seqstart AS start, s.seqincrement AS increment, s.seqmin AS min,
       s.seqmax AS max, s.seqcache AS cache, CASE WHEN s.seqcycle THEN 't' END AS cycle,
       CASE WHEN i.objid IS NOT NULL THEN 't' END AS identity,
       CASE WHEN c.relpersistence = 'u' THEN 't' END AS unlogged,
       {{comment 1259 c.oid}} AS comment, {{owner c.relowner}} AS owner, {{acl c.relacl s c.relowner}} AS acl
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_sequence s ON s.seqrelid = c.oid
LEFT JOIN pg_depend i ON i.classid = 1259 AND i.objid = c.oid AND i.refclassid = 1259 AND i.deptype = 'i'
WHERE c.relkind = 'S' AND {{user n}} AND {{own 1259 c.oid}}
