SELECT '1259/' || c.oid || ' 2618/' || r.oid || ' 1247/' || c.reltype || ' 1247/' || t.typarray
         || coalesce((SELECT string_agg(' 2604/' || ad.oid, '') FROM pg_attrdef ad WHERE ad.adrelid = c.oid), '') AS addr,
       n.nspname AS schema, c.relname AS name, '' AS sub,
       rtrim(pg_get_viewdef(c.oid), ';') AS definition,
       x.columns, {{options c.reloptions}} AS options, x.defaults,
       (SELECT 't' FROM pg_depend s WHERE s.classid = 2618 AND s.objid = r.oid AND s.refclassid = 1259 AND s.refobjid = c.oid --+160000
         AND s.deptype = 'n' LIMIT 1) AS _reads_itself, --+160000
       -- Before 16 each view's rule names the view twice, as OLD and NEW, and depends on it. --<160000
       CASE WHEN length(r.ev_action::text) - length(replace(r.ev_action::text, ':relid ' || c.oid || ' ', '')) --<160000
         > 2 * length(':relid ' || c.oid || ' ') THEN 't' END AS _reads_itself, --<160000
       {{comment 1259 c.oid}} AS comment, {{owner c.relowner}} AS owner, {{acl c.relacl r c.relowner}} AS acl,
       x.column_comments, x.column_acl
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_type t ON t.oid = c.reltype
JOIN pg_rewrite r ON r.ev_class = c.oid AND r.rulename = '_RETURN'
CROSS JOIN LATERAL (
  SELECT string_agg(a.name || E'\t' || a.type || E'\t' || a.collation, E'\n' ORDER BY a.attnum) AS columns,
         string_agg(a.name || E'\t' || {{line a.expression}}, E'\n' ORDER BY a.attnum) AS defaults,
         string_agg(a.name || E'\t' || {{line a.comment}}, E'\n' ORDER BY a.attnum) AS column_comments,
         string_agg(a.name || E'\t' || {{line a.acl}}, E'\n' ORDER BY a.attnum) AS column_acl
  FROM (SELECT a.attnum, {{line a.attname}} AS name, format_type(a.atttypid, a.atttypmod) AS type,
               CASE WHEN a.attcollation <> 0 THEN a.attcollation::regcollation::text ELSE '' END AS collation,
               pg_get_expr(ad.adbin, ad.adrelid) AS expression, d.description AS comment,
               {{acl a.attacl c c.relowner}} AS acl
          FROM pg_attribute a
          LEFT JOIN pg_attrdef ad ON ad.adrelid = c.oid AND ad.adnum = a.attnum
          LEFT JOIN pg_description d ON d.objoid = c.oid AND d.classoid = 1259 AND d.objsubid = a.attnum
         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) a) x
WHERE c.relkind = 'v' AND {{user n}} AND {{own 1259 c.oid}}
