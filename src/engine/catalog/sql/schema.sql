SELECT '2615/' || n.oid AS addr, '' AS schema, n.nspname AS name, '' AS sub,
       {{comment 2615 n.oid}} AS comment, {{owner n.nspowner}} AS owner, {{acl n.nspacl n n.nspowner}} AS acl
FROM pg_namespace n
WHERE {{user n}} AND {{own 2615 n.oid}}
