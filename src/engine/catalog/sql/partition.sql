SELECT '2/' || c.oid AS addr, n.nspname AS schema, c.relname AS name, '' AS sub,
       i.inhparent::regclass::text AS parent, pg_get_expr(c.relpartbound, c.oid) AS bound,
       pg_get_partition_constraintdef(c.oid) AS _rule
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_inherits i ON i.inhrelid = c.oid
WHERE c.relispartition AND c.relkind IN ('r', 'p', 'f') AND {{user n}} AND {{own 1259 c.oid}}
