SELECT '2606/' || k.oid AS addr, n.nspname AS schema, t.typname AS name, k.conname AS sub,
       pg_get_constraintdef(k.oid) AS definition,
       CASE WHEN NOT k.convalidated THEN 't' END AS not_valid,
       {{comment 2606 k.oid}} AS comment
FROM pg_constraint k
JOIN pg_type t ON t.oid = k.contypid
JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE k.contype = 'c' AND {{user n}} AND {{own 1247 t.oid}}
