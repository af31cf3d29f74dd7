SELECT '1259/' || c.oid || ' 2618/' || r.oid || ' 1247/' || c.reltype || ' 1247/' || t.typarray AS addr,
       n.nspname AS schema, c.relname AS name, '' AS sub,
       rtrim(pg_get_viewdef(c.oid), ';') AS definition,
       x.columns,
       (SELECT string_agg(o, E'\n' ORDER BY o)
          FROM (SELECT unnest(c.reloptions) AS o UNION ALL SELECT 'toast.' || unnest(tc.reloptions)) o) AS options,
       am.amname AS access_method,
       x.settings, CASE WHEN c.relispopulated THEN 't' END AS _populated,
       {{extensions 1259 c.oid}} AS extensions,
       {{comment 1259 c.oid}} AS comment, {{owner c.relowner}} AS owner, {{acl c.relacl r c.relowner}} AS acl,
       x.column_comments, x.column_acl
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_type t ON t.oid = c.reltype
JOIN pg_rewrite r ON r.ev_class = c.oid AND r.rulename = '_RETURN'
LEFT JOIN pg_am am ON am.oid = c.relam
LEFT JOIN pg_class tc ON tc.oid = c.reltoastrelid
CROSS JOIN LATERAL (
  SELECT string_agg(a.name || E'\t' || a.type || E'\t' || a.collation, E'\n' ORDER BY a.attnum) AS columns,
         string_agg(concat_ws(E'\n', a.name || E'\tSTATISTICS\t' || a.statistics, a.name || E'\tSTORAGE\t' || a.storage,
           a.name || E'\tCOMPRESSION\t' || a.compression, a.name || E'\tOPTIONS\t' || a.options), E'\n' ORDER BY a.attnum)
           FILTER (WHERE coalesce(a.statistics, a.storage, a.compression, a.options) IS NOT NULL) AS settings,
         string_agg(a.name || E'\t' || {{line a.comment}}, E'\n' ORDER BY a.attnum) AS column_comments,
         string_agg(a.name || E'\t' || {{line a.acl}}, E'\n' ORDER BY a.attnum) AS column_acl
  FROM (SELECT a.attnum, {{line a.attname}} AS name, format_type(a.atttypid, a.atttypmod) AS type,
               CASE WHEN a.attcollation <> 0 THEN a.attcollation::regcollation::text ELSE '' END AS collation,
               CASE WHEN a.attstattarget >= 0 THEN a.attstattarget::text END AS statistics,
               CASE WHEN a.attstorage <> ct.typstorage THEN CASE a.attstorage WHEN 'p' THEN 'PLAIN'
                    WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END END AS storage,
               CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END AS compression,
               (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(a.attoptions) o WHERE {{set_by_user o}}) AS options,
               d.description AS comment, {{acl a.attacl c c.relowner}} AS acl
          FROM pg_attribute a
          JOIN pg_type ct ON ct.oid = a.atttypid
          LEFT JOIN pg_description d ON d.objoid = c.oid AND d.classoid = 1259 AND d.objsubid = a.attnum
         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) a) x
WHERE c.relkind = 'm' AND {{user n}} AND {{own 1259 c.oid}}
