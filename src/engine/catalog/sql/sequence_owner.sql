SELECT '1/' || c.oid AS addr, n.nspname AS schema, c.relname AS name, '' AS sub,
       format('%s.%I', i.refobjid::regclass, a.attname) AS column
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_depend i ON i.classid = 1259 AND i.objid = c.oid AND i.refclassid = 1259 AND i.refobjsubid > 0 AND i.deptype = 'a'
JOIN pg_attribute a ON a.attrelid = i.refobjid AND a.attnum = i.refobjsubid
WHERE c.relkind = 'S' AND {{user n}} AND {{own 1259 c.oid}}
