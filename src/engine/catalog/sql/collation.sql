SELECT '3456/' || c.oid AS addr, n.nspname AS schema, c.collname AS name, '' AS sub,
       CASE c.collprovider WHEN 'c' THEN 'libc' WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE c.collprovider::text END
         AS provider,
       CASE WHEN c.collprovider = 'i' THEN c.collcollate END AS locale, --<150000
       c.colliculocale AS locale, --+150000 --<170000
       c.colllocale AS locale, --+170000
       CASE WHEN c.collprovider = 'c' THEN c.collcollate END AS lc_collate,
       CASE WHEN c.collprovider = 'c' THEN c.collctype END AS lc_ctype,
       c.collicurules AS rules, --+160000
       NULL AS rules, --<160000
       CASE WHEN NOT c.collisdeterministic THEN 't' END AS nondeterministic,
       {{comment 3456 c.oid}} AS comment, {{owner c.collowner}} AS owner
FROM pg_collation c
JOIN pg_namespace n ON n.oid = c.collnamespace
WHERE {{user n}} AND {{own 3456 c.oid}}
