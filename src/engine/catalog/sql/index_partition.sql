SELECT '3/' || c.oid AS addr, n.nspname AS schema, c.relname AS name, '' AS sub,
       i.inhparent::regclass::text AS parent
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_inherits i ON i.inhrelid = c.oid
JOIN pg_index x ON x.indexrelid = c.oid
WHERE c.relkind IN ('i', 'I') AND {{user n}} AND {{own 1259 x.indrelid}}
