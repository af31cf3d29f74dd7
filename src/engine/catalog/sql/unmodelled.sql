SELECT 'large objects' AS kind, count(*)::text AS name FROM pg_largeobject_metadata HAVING count(*) > 0
UNION ALL
SELECT 'tablespace', format('%s of %s', quote_ident(t.spcname), pg_describe_object(1259, c.oid, 0))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_tablespace t ON t.oid = c.reltablespace
WHERE c.reltablespace <> 0 AND c.oid >= 16384 AND c.relkind <> 't' AND {{user n}}
UNION ALL
SELECT 'security label', format('of %s by %s', pg_describe_object(l.classoid, l.objoid, l.objsubid), quote_ident(l.provider))
FROM pg_seclabel l
UNION ALL
-- initdb says in pg_init_privs what it granted, but for information_schema. What extensions made: `extension_grants`.
SELECT 'grants', 'on ' || pg_describe_object(o.class, o.oid, o.sub)
FROM (SELECT 1259 AS class, c.oid, 0 AS sub, c.relacl AS acl, CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char" AS letter,
             c.relowner AS owner FROM pg_class c WHERE c.relacl IS NOT NULL AND c.relnamespace <> 'information_schema'::regnamespace
      UNION ALL SELECT 1259, a.attrelid, a.attnum, a.attacl, 'c', c.relowner
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE a.attacl IS NOT NULL AND c.relnamespace <> 'information_schema'::regnamespace
      UNION ALL SELECT 1255, p.oid, 0, p.proacl, 'f', p.proowner FROM pg_proc p WHERE p.proacl IS NOT NULL
      UNION ALL SELECT 1247, t.oid, 0, t.typacl, 'T', t.typowner FROM pg_type t WHERE t.typacl IS NOT NULL
      UNION ALL SELECT 2615, n.oid, 0, n.nspacl, 'n', n.nspowner FROM pg_namespace n
        WHERE n.nspacl IS NOT NULL AND n.nspname <> 'information_schema' AND NOT ({{user n}} AND {{own 2615 n.oid}})
      UNION ALL SELECT 2612, l.oid, 0, l.lanacl, 'l', l.lanowner FROM pg_language l WHERE l.lanacl IS NOT NULL
      UNION ALL SELECT 2328, w.oid, 0, w.fdwacl, 'F', w.fdwowner FROM pg_foreign_data_wrapper w WHERE w.fdwacl IS NOT NULL
      UNION ALL SELECT 1417, s.oid, 0, s.srvacl, 'S', s.srvowner FROM pg_foreign_server s WHERE s.srvacl IS NOT NULL) o
LEFT JOIN pg_init_privs i ON i.classoid = o.class AND i.objoid = o.oid AND i.objsubid = o.sub
WHERE o.oid < 16384 AND o.acl IS DISTINCT FROM i.initprivs
  AND (SELECT array_agg(x::text ORDER BY x::text) FROM unnest(o.acl) x) IS DISTINCT FROM
      (SELECT array_agg(x::text ORDER BY x::text) FROM unnest(coalesce(i.initprivs, acldefault(o.letter, o.owner))) x)
UNION ALL
SELECT 'secret option', split_part(o, '=', 1) || ' of ' || p.owner
FROM (SELECT format('user mapping for %s on server %s', m.usename, m.srvname) AS owner, m.umoptions AS options FROM pg_user_mappings m
      UNION ALL SELECT 'server ' || s.srvname, s.srvoptions FROM pg_foreign_server s
      UNION ALL SELECT 'foreign-data wrapper ' || w.fdwname, w.fdwoptions FROM pg_foreign_data_wrapper w
      UNION ALL SELECT 'foreign table ' || t.ftrelid::regclass, t.ftoptions FROM pg_foreign_table t
      UNION ALL SELECT format('column %s.%I', a.attrelid::regclass, a.attname), a.attfdwoptions FROM pg_attribute a
        WHERE a.attfdwoptions IS NOT NULL) p, unnest(p.options) o
WHERE {{secret o}}
UNION ALL
SELECT 'options', format('of user mapping for %s on server %s, which %s may not read', m.usename, m.srvname, current_user)
FROM pg_user_mappings m JOIN pg_foreign_server s ON s.oid = m.srvid
WHERE NOT ({{mapping m s}})
UNION ALL
SELECT 'connection string', 'of subscription ' || s.subname
FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid WHERE d.datname = current_database()
  AND s.subserver = 0 --+190000
UNION ALL
SELECT 'trigger state', 'of ' || pg_describe_object(2620, t.oid, 0)
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE t.tgisinternal AND t.tgenabled <> 'O' AND t.tgparentid = 0 AND {{user n}}
