SELECT '2617/' || o.oid AS addr, n.nspname AS schema, o.oprname AS name,
       format('(%s, %s)', CASE WHEN o.oprleft = 0 THEN 'NONE' ELSE format_type(o.oprleft, NULL) END,
              CASE WHEN o.oprright = 0 THEN 'NONE' ELSE format_type(o.oprright, NULL) END) AS sub,
       o.oprcode::regproc::text AS function,
       format_type(nullif(o.oprleft, 0), NULL) AS _left, format_type(nullif(o.oprright, 0), NULL) AS _right,
       (SELECT format('OPERATOR(%I.%s)', cn.nspname, c.oprname) FROM pg_operator c JOIN pg_namespace cn ON cn.oid = c.oprnamespace
          WHERE c.oid = o.oprcom) AS commutator,
       (SELECT format('OPERATOR(%I.%s)', cn.nspname, c.oprname) FROM pg_operator c JOIN pg_namespace cn ON cn.oid = c.oprnamespace
          WHERE c.oid = o.oprnegate) AS negator,
       CASE WHEN o.oprrest <> 0 THEN o.oprrest::regproc::text END AS restrict,
       CASE WHEN o.oprjoin <> 0 THEN o.oprjoin::regproc::text END AS join,
       CASE WHEN o.oprcanhash THEN 't' END AS hashes,
       CASE WHEN o.oprcanmerge THEN 't' END AS merges,
       {{comment 2617 o.oid}} AS comment, {{owner o.oprowner}} AS owner
FROM pg_operator o
JOIN pg_namespace n ON n.oid = o.oprnamespace
WHERE o.oprcode <> 0 AND {{user n}} AND {{own 2617 o.oid}}
