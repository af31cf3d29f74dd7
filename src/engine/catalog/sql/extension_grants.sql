SELECT '' AS addr, '' AS schema, o.name, o.sub,
       {{grants coalesce(o.acl,acldefault(o.letter,o.owner)) o.owner}} AS grants, {{grants coalesce(i.initprivs,acldefault(o.letter,o.owner)) o.owner}} AS _made,
       x.extname AS _extension, {{owner o.owner}} AS _owner
FROM (SELECT 1259 AS class, c.oid, 0 AS objsubid, c.relacl AS acl, CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char" AS letter,
             c.relowner AS owner, CASE c.relkind WHEN 'S' THEN 'SEQUENCE ' ELSE 'TABLE ' END || format('%I.%I', n.nspname, c.relname) AS name,
             '' AS sub
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S')
      UNION ALL SELECT 1259, a.attrelid, a.attnum, a.attacl, 'c', c.relowner, 'TABLE ' || format('%I.%I', n.nspname, c.relname), a.attname
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE a.attacl IS NOT NULL AND a.attnum > 0 AND NOT a.attisdropped
      UNION ALL SELECT 1255, p.oid, 0, p.proacl, 'f', p.proowner,
             CASE p.prokind WHEN 'p' THEN 'PROCEDURE ' ELSE 'FUNCTION ' END || format('%I.%I(%s)', n.nspname, p.proname,
               (SELECT string_agg(format_type(t.oid, NULL), ', ' ORDER BY t.n) FROM unnest(p.proargtypes) WITH ORDINALITY t (oid, n))), ''
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
      UNION ALL SELECT 1247, t.oid, 0, t.typacl, 'T', t.typowner, 'TYPE ' || format('%I.%I', n.nspname, t.typname), ''
        FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
        WHERE t.typtype IN ('b', 'd', 'e', 'r') AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid)
           OR t.typtype = 'c' AND EXISTS (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c')
      UNION ALL SELECT 2615, n.oid, 0, n.nspacl, 'n', n.nspowner, 'SCHEMA ' || format('%I', n.nspname), '' FROM pg_namespace n
      UNION ALL SELECT 2612, l.oid, 0, l.lanacl, 'l', l.lanowner, 'LANGUAGE ' || format('%I', l.lanname), '' FROM pg_language l
      UNION ALL SELECT 2328, w.oid, 0, w.fdwacl, 'F', w.fdwowner, 'FOREIGN DATA WRAPPER ' || format('%I', w.fdwname), ''
        FROM pg_foreign_data_wrapper w
      UNION ALL SELECT 1417, s.oid, 0, s.srvacl, 'S', s.srvowner, 'FOREIGN SERVER ' || format('%I', s.srvname), ''
        FROM pg_foreign_server s) o
JOIN pg_depend e ON e.classid = o.class AND e.objid = o.oid AND e.objsubid = 0 AND e.refclassid = 3079 AND e.deptype = 'e'
JOIN pg_extension x ON x.oid = e.refobjid
LEFT JOIN pg_init_privs i ON i.classoid = o.class AND i.objoid = o.oid AND i.objsubid = o.objsubid
WHERE o.oid >= 16384 AND o.acl IS DISTINCT FROM i.initprivs
  AND {{grants coalesce(o.acl,acldefault(o.letter,o.owner)) o.owner}} <> {{grants coalesce(i.initprivs,acldefault(o.letter,o.owner)) o.owner}}
