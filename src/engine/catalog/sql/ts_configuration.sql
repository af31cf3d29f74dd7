SELECT '3602/' || c.oid AS addr, n.nspname AS schema, c.cfgname AS name, '' AS sub,
       format('%I.%I', pn.nspname, p.prsname) AS parser,
       (SELECT string_agg(concat_ws(E'\t', {{line k.alias}}, {{line m.dictionaries}}), E'\n' ORDER BY k.alias)
          FROM (SELECT x.maptokentype, string_agg(format('%I.%I', dn.nspname, d.dictname), ', ' ORDER BY x.mapseqno)
                         AS dictionaries
                  FROM pg_ts_config_map x
                  JOIN pg_ts_dict d ON d.oid = x.mapdict
                  JOIN pg_namespace dn ON dn.oid = d.dictnamespace
                  WHERE x.mapcfg = c.oid GROUP BY x.maptokentype) m
          JOIN ts_token_type(c.cfgparser) k ON k.tokid = m.maptokentype) AS mappings,
       {{comment 3602 c.oid}} AS comment, {{owner c.cfgowner}} AS owner
FROM pg_ts_config c
JOIN pg_namespace n ON n.oid = c.cfgnamespace
JOIN pg_ts_parser p ON p.oid = c.cfgparser
JOIN pg_namespace pn ON pn.oid = p.prsnamespace
WHERE {{user n}} AND {{own 3602 c.oid}}
