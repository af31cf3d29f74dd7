SELECT '1247/' || t.oid || ' 1247/' || t.typarray AS addr, n.nspname AS schema, t.typname AS name, '' AS sub,
       (SELECT string_agg({{line e.enumlabel}}, E'\n' ORDER BY e.enumsortorder)
          FROM pg_enum e WHERE e.enumtypid = t.oid) AS labels,
       {{comment 1247 t.oid}} AS comment, {{owner t.typowner}} AS owner, {{acl t.typacl T t.typowner}} AS acl
FROM pg_type t
JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype = 'e' AND {{user n}} AND {{own 1247 t.oid}}
