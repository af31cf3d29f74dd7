SELECT '1259/' || a.attrelid || '/' || a.attnum || CASE WHEN a.attgenerated <> '' THEN ' 2604/' || ad.oid ELSE '' END
         || coalesce(' 2606/' || nn.oid, '') --+180000
         AS addr,
       n.nspname AS schema, c.relname AS name, a.attname AS sub,
       a.attnum AS _position,
       format_type(a.atttypid, a.atttypmod) AS type,
       CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation::regcollation::text END AS collation,
       CASE WHEN a.attnotnull THEN 't' END AS not_null,
       CASE WHEN nn.coninhcount = 0 AND nn.conname <> c.relname || '_' || a.attname || '_not_null' --+180000
            THEN nn.conname END AS not_null_name, --+180000
       CASE WHEN nn.connoinherit THEN 't' END AS not_null_no_inherit, --+180000
       CASE WHEN NOT nn.convalidated THEN 't' END AS not_null_not_valid, --+180000
       nd.description AS not_null_comment, --+180000
       nn.conname AS _not_null_constraint, CASE WHEN nn.conislocal THEN 't' END AS _not_null_local, --+180000
       CASE WHEN nn.coninhcount > 0 THEN 't' END AS _not_null_inherited, --+180000
       v.any AS not_null_name, v.any AS not_null_no_inherit, v.any AS not_null_not_valid, --<180000
       v.any AS not_null_comment, --<180000
       NULL AS _not_null_constraint, NULL AS _not_null_local, NULL AS _not_null_inherited, --<180000
       nullif(a.attidentity, '') AS identity, --<170000
       CASE WHEN NOT c.relispartition THEN nullif(a.attidentity, '') END AS identity, --+170000
       nullif(a.attgenerated, '') AS generated,
       CASE WHEN a.attgenerated <> '' THEN pg_get_expr(ad.adbin, ad.adrelid) END AS expression,
       CASE WHEN a.attislocal THEN 't' END AS _local,
       CASE WHEN a.attstorage <> t.typstorage THEN CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL'
            WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END END AS storage,
       CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END AS compression,
       CASE WHEN a.attstattarget >= 0 THEN a.attstattarget END AS statistics,
       {{column_options a.attoptions}} AS options,
       {{options a.attfdwoptions}} AS foreign_options,
       CASE t.typstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END
         AS _type_storage,
       CASE WHEN t.typtype = 'd' THEN 't' END AS _domain, t.typcategory AS _category,
       nullif(coalesce(bn.nspname, tn.nspname), 'pg_catalog') AS _type_schema, coalesce(b.typname, t.typname) AS _type_name,
       CASE WHEN t.typtype = 'd' THEN tn.nspname END AS _domain_schema,
       CASE WHEN t.typtype = 'd' THEN t.typname END AS _domain_name,
       CASE WHEN t.typtype = 'd' AND t.typnotnull THEN 't' END AS _domain_not_null,
       CASE WHEN m.typmod >= 0 THEN CASE WHEN m.type IN (1042, 1043) THEN m.typmod - 4
            WHEN m.type IN (1560, 1562) THEN m.typmod END END AS _length,
       CASE WHEN a.attinhcount > 0 THEN 't' END AS _inherited,
       c.relkind AS _relkind,
       d.description AS comment, {{acl a.attacl c c.relowner}} AS acl
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_type t ON t.oid = a.atttypid
JOIN pg_namespace tn ON tn.oid = t.typnamespace
LEFT JOIN pg_type b ON b.oid = t.typbasetype AND t.typtype = 'd'
LEFT JOIN pg_namespace bn ON bn.oid = b.typnamespace
CROSS JOIN LATERAL (SELECT CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END AS type,
                           CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END AS typmod) m
LEFT JOIN pg_attrdef ad ON ad.adrelid = a.attrelid AND ad.adnum = a.attnum
LEFT JOIN pg_constraint nn ON nn.conrelid = a.attrelid AND nn.contype = 'n' AND nn.conkey = ARRAY[a.attnum] --+180000
LEFT JOIN pg_description nd ON nd.objoid = nn.oid AND nd.classoid = 2606 AND nd.objsubid = 0 --+180000
CROSS JOIN LATERAL (SELECT CASE WHEN a.attnotnull THEN {{unreadable}} END AS any) v --<180000
LEFT JOIN pg_description d ON d.objoid = c.oid AND d.classoid = 1259 AND d.objsubid = a.attnum
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'f') AND {{user n}} AND {{own 1259 c.oid}}
