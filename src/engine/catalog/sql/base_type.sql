SELECT '1247/' || t.oid || CASE WHEN t.typarray <> 0 THEN ' 1247/' || t.typarray ELSE '' END AS addr,
       n.nspname AS schema, t.typname AS name, '' AS sub,
       CASE WHEN NOT t.typisdefined THEN 't' END AS shell,
       CASE WHEN t.typisdefined THEN concat_ws(E',\n    ',
         'INPUT = ' || t.typinput::regproc,
         'OUTPUT = ' || t.typoutput::regproc,
         'RECEIVE = ' || nullif(t.typreceive::oid, 0)::regproc,
         'SEND = ' || nullif(t.typsend::oid, 0)::regproc,
         'TYPMOD_IN = ' || nullif(t.typmodin::oid, 0)::regproc,
         'TYPMOD_OUT = ' || nullif(t.typmodout::oid, 0)::regproc,
         'ANALYZE = ' || nullif(t.typanalyze::oid, 0)::regproc,
         'SUBSCRIPT = ' || nullif(t.typsubscript::oid, 0)::regproc,
         'INTERNALLENGTH = ' || CASE WHEN t.typlen = -1 THEN 'variable' ELSE t.typlen::text END,
         CASE WHEN t.typbyval THEN 'PASSEDBYVALUE' END,
         CASE t.typalign WHEN 'c' THEN 'ALIGNMENT = char' WHEN 's' THEN 'ALIGNMENT = int2' WHEN 'd' THEN 'ALIGNMENT = double' END,
         CASE t.typstorage WHEN 'e' THEN 'STORAGE = external' WHEN 'x' THEN 'STORAGE = extended' WHEN 'm' THEN 'STORAGE = main' END,
         CASE WHEN t.typcategory <> 'U' THEN 'CATEGORY = ' || quote_literal(t.typcategory::text) END,
         CASE WHEN t.typispreferred THEN 'PREFERRED = true' END,
         'DEFAULT = ' || coalesce(pg_get_expr(t.typdefaultbin, 0), quote_literal(t.typdefault)),
         'ELEMENT = ' || CASE WHEN t.typelem <> 0 THEN format_type(t.typelem, NULL) END,
         CASE WHEN t.typdelim <> ',' THEN 'DELIMITER = ' || quote_literal(t.typdelim::text) END,
         CASE WHEN t.typcollation <> 0 THEN 'COLLATABLE = true' END) END AS definition,
       {{comment 1247 t.oid}} AS comment, {{owner t.typowner}} AS owner, {{acl t.typacl T t.typowner}} AS acl
FROM pg_type t
JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE (t.typtype = 'b' AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid) OR NOT t.typisdefined)
  AND {{user n}} AND {{own 1247 t.oid}}
