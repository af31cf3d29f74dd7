SELECT 826 AS class, '' AS which, string_agg(oid::text, ' ') AS oids FROM pg_default_acl WHERE oid >= 16384
UNION ALL SELECT 1247, CASE WHEN a.oid IS NOT NULL THEN 'array' ELSE t.typtype::text END, string_agg(t.oid::text, ' ')
  FROM pg_type t LEFT JOIN pg_type a ON a.typarray = t.oid WHERE t.oid >= 16384 GROUP BY 2
UNION ALL SELECT 1255, prokind::text, string_agg(oid::text, ' ') FROM pg_proc WHERE oid >= 16384 GROUP BY prokind
UNION ALL SELECT 1259, relkind::text, string_agg(oid::text, ' ') FROM pg_class WHERE oid >= 16384 AND relkind <> 't'
  AND relnamespace <> 99 GROUP BY relkind
UNION ALL SELECT 1417, '', string_agg(oid::text, ' ') FROM pg_foreign_server WHERE oid >= 16384
UNION ALL SELECT 1418, '', string_agg(umid::text, ' ') FROM pg_user_mappings WHERE umid >= 16384
UNION ALL SELECT 2328, '', string_agg(oid::text, ' ') FROM pg_foreign_data_wrapper WHERE oid >= 16384
UNION ALL SELECT 2601, '', string_agg(oid::text, ' ') FROM pg_am WHERE oid >= 16384
UNION ALL SELECT 2602, '', string_agg(oid::text, ' ') FROM pg_amop WHERE oid >= 16384
UNION ALL SELECT 2603, '', string_agg(oid::text, ' ') FROM pg_amproc WHERE oid >= 16384
UNION ALL SELECT 2604, '', string_agg(oid::text, ' ') FROM pg_attrdef WHERE oid >= 16384
UNION ALL SELECT 2605, '', string_agg(oid::text, ' ') FROM pg_cast WHERE oid >= 16384
UNION ALL SELECT 2606, '', string_agg(oid::text, ' ') FROM pg_constraint WHERE oid >= 16384
  AND NOT (contype = 'c' AND conrelid <> 0 AND NOT conislocal)
UNION ALL SELECT 2607, '', string_agg(oid::text, ' ') FROM pg_conversion WHERE oid >= 16384
UNION ALL SELECT 2612, '', string_agg(oid::text, ' ') FROM pg_language WHERE oid >= 16384
UNION ALL SELECT 2615, '', string_agg(oid::text, ' ') FROM pg_namespace WHERE oid >= 16384 AND nspname !~ '^pg_(temp|toast_temp)_'
UNION ALL SELECT 2616, '', string_agg(oid::text, ' ') FROM pg_opclass WHERE oid >= 16384
UNION ALL SELECT 2617, '', string_agg(oid::text, ' ') FROM pg_operator WHERE oid >= 16384
UNION ALL SELECT 2618, CASE rulename WHEN '_RETURN' THEN 'view' ELSE 'r' END, string_agg(oid::text, ' ') FROM pg_rewrite
  WHERE oid >= 16384 GROUP BY 2
UNION ALL SELECT 2620, CASE WHEN tgisinternal THEN 'inner' ELSE 't' END, string_agg(oid::text, ' ') FROM pg_trigger
  WHERE oid >= 16384 GROUP BY 2
UNION ALL SELECT 2753, '', string_agg(oid::text, ' ') FROM pg_opfamily WHERE oid >= 16384
UNION ALL SELECT 3079, '', string_agg(oid::text, ' ') FROM pg_extension WHERE oid >= 16384
UNION ALL SELECT 3256, '', string_agg(oid::text, ' ') FROM pg_policy WHERE oid >= 16384
UNION ALL SELECT 3381, '', string_agg(oid::text, ' ') FROM pg_statistic_ext WHERE oid >= 16384
UNION ALL SELECT 3456, '', string_agg(oid::text, ' ') FROM pg_collation WHERE oid >= 16384
UNION ALL SELECT 3466, '', string_agg(oid::text, ' ') FROM pg_event_trigger WHERE oid >= 16384
UNION ALL SELECT 3576, '', string_agg(oid::text, ' ') FROM pg_transform WHERE oid >= 16384
UNION ALL SELECT 3600, '', string_agg(oid::text, ' ') FROM pg_ts_dict WHERE oid >= 16384
UNION ALL SELECT 3601, '', string_agg(oid::text, ' ') FROM pg_ts_parser WHERE oid >= 16384
UNION ALL SELECT 3602, '', string_agg(oid::text, ' ') FROM pg_ts_config WHERE oid >= 16384
UNION ALL SELECT 3764, '', string_agg(oid::text, ' ') FROM pg_ts_template WHERE oid >= 16384
UNION ALL SELECT 6100, '', string_agg(s.oid::text, ' ') FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid
  WHERE d.datname = current_database()
UNION ALL SELECT 6104, '', string_agg(oid::text, ' ') FROM pg_publication WHERE oid >= 16384
UNION ALL SELECT 6106, '', string_agg(oid::text, ' ') FROM pg_publication_rel WHERE oid >= 16384
UNION ALL SELECT 6237, '', string_agg(oid::text, ' ') FROM pg_publication_namespace WHERE oid >= 16384 --+150000
