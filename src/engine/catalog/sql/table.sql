SELECT '1259/' || c.oid || ' 1247/' || c.reltype || ' 1247/' || t.typarray AS addr,
       n.nspname AS schema, c.relname AS name, '' AS sub,
       CASE c.relkind WHEN 'r' THEN 'TABLE' WHEN 'p' THEN 'PARTITIONED TABLE' ELSE 'FOREIGN TABLE' END AS type,
       CASE WHEN c.relpersistence = 'u' THEN 't' END AS unlogged,
       am.amname AS access_method,
       pg_get_partkeydef(c.oid) AS partition_key,
       (SELECT string_agg(a.attname, E'\n' ORDER BY a.attnum) FROM pg_attribute a
         WHERE c.relkind = 'p' AND a.attrelid = c.oid AND a.attnum > 0 AND (
               EXISTS (SELECT FROM pg_partitioned_table k WHERE k.partrelid = c.oid AND a.attnum = ANY (k.partattrs))
            OR EXISTS (SELECT FROM pg_depend k WHERE k.classid = 1259 AND k.objid = c.oid AND k.objsubid = 0
                          AND k.refclassid = 1259 AND k.refobjid = c.oid AND k.refobjsubid = a.attnum))) AS _key_columns,
       (SELECT string_agg(i.inhparent::regclass::text, E'\n' ORDER BY i.inhseqno)
          FROM pg_inherits i WHERE i.inhrelid = c.oid AND NOT c.relispartition) AS inherits,
       (SELECT string_agg(k.conname, E'\n' ORDER BY k.conname) FROM pg_constraint k
         WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.conislocal AND k.coninhcount > 0) AS _own_checks,
       CASE WHEN c.reloftype <> 0 THEN format_type(c.reloftype, NULL) END AS of_type,
       (SELECT string_agg(o, E'\n' ORDER BY o COLLATE "C")
          FROM (SELECT unnest(c.reloptions) AS o UNION ALL SELECT 'toast.' || unnest(tc.reloptions)) o) AS options,
       CASE WHEN c.relrowsecurity THEN 't' END AS row_security,
       CASE WHEN c.relforcerowsecurity THEN 't' END AS force_row_security,
       CASE WHEN c.relkind <> 'f' THEN CASE c.relreplident WHEN 'f' THEN 'FULL' WHEN 'n' THEN 'NOTHING' WHEN 'i' THEN 'INDEX' END END
         AS replica_identity,
       quote_ident(fs.srvname) AS server, {{options ft.ftoptions}} AS foreign_options,
       CASE WHEN c.relispartition THEN 't' END AS _partition,
       f.columns AS _foreign_keys,
       d.description AS comment, {{owner c.relowner}} AS owner, {{acl c.relacl r c.relowner}} AS acl
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_type t ON t.oid = c.reltype
LEFT JOIN pg_am am ON am.oid = c.relam
LEFT JOIN pg_class tc ON tc.oid = c.reltoastrelid
LEFT JOIN pg_foreign_table ft ON ft.ftrelid = c.oid
LEFT JOIN pg_foreign_server fs ON fs.oid = ft.ftserver
LEFT JOIN (
  SELECT k.conrelid, string_agg(concat_ws(E'\t', {{line rn.nspname}}, {{line r.relname}}, {{line own.attname}},
                                          {{line their.attname}}), E'\n' ORDER BY k.conname, u.n) AS columns
  FROM pg_constraint k
  CROSS JOIN LATERAL unnest(k.conkey, k.confkey) WITH ORDINALITY u (own, their, n)
  JOIN pg_class r ON r.oid = k.confrelid
  JOIN pg_namespace rn ON rn.oid = r.relnamespace
  JOIN pg_attribute own ON own.attrelid = k.conrelid AND own.attnum = u.own
  JOIN pg_attribute their ON their.attrelid = k.confrelid AND their.attnum = u.their
  WHERE k.contype = 'f'
  GROUP BY k.conrelid) f ON f.conrelid = c.oid
LEFT JOIN pg_description d ON d.objoid = c.oid AND d.classoid = 1259 AND d.objsubid = 0
WHERE c.relkind IN ('r', 'p', 'f') AND {{user n}} AND {{own 1259 c.oid}}
