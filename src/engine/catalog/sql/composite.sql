SELECT '1247/' || t.oid || ' 1259/' || c.oid || ' 1247/' || t.typarray AS addr,
       n.nspname AS schema, c.relname AS name, '' AS sub,
       (SELECT string_agg(concat_ws(E'\t', {{line a.attname}}, {{line format_type(a.atttypid,a.atttypmod)}},
                 coalesce(CASE WHEN a.attcollation <> at.typcollation THEN {{line a.attcollation::regcollation::text}} END, ''),
                 coalesce({{line d.description}}, '')), E'\n' ORDER BY a.attnum)
          FROM pg_attribute a
          JOIN pg_type at ON at.oid = a.atttypid
          LEFT JOIN pg_description d ON d.objoid = c.oid AND d.classoid = 1259 AND d.objsubid = a.attnum
          WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS attributes,
       {{comment 1247 t.oid}} AS comment, {{owner t.typowner}} AS owner, {{acl t.typacl T t.typowner}} AS acl
FROM pg_class c
JOIN pg_type t ON t.oid = c.reltype
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'c' AND {{user n}} AND {{own 1247 t.oid}}
