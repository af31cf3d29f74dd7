SELECT '2604/' || ad.oid AS addr, n.nspname AS schema, c.relname AS name, a.attname AS sub,
       pg_get_expr(ad.adbin, ad.adrelid) AS expression, c.relkind AS _relkind
FROM pg_attrdef ad
JOIN pg_attribute a ON a.attrelid = ad.adrelid AND a.attnum = ad.adnum
JOIN pg_class c ON c.oid = ad.adrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE a.attgenerated = '' AND c.relkind IN ('r', 'p', 'f') AND {{user n}} AND {{own 1259 c.oid}}
