SELECT '1255/' || p.oid AS addr, n.nspname AS schema, p.proname AS name, a.marked AS sub,
       rtrim(pg_get_functiondef(p.oid), E'\n') AS definition,
       NULL AS _window, format_type(p.prorettype, NULL) AS _result,
       a.types AS _types, x.outs AS _outs, x.names AS _names, p.pronargdefaults AS _defaults,
       pg_get_function_arguments(p.oid) AS _arguments,
       CASE WHEN p.prosqlbody IS NULL THEN p.prosrc END AS _body,
       (SELECT string_agg(quote_ident(x.extname), E'\n' ORDER BY x.extname) FROM pg_depend b JOIN pg_extension x ON x.oid = b.refobjid
          WHERE b.classid = 1255 AND b.objid = p.oid AND b.refclassid = 3079 AND b.deptype = 'x') AS extensions,
       {{comment 1255 p.oid}} AS comment, {{owner p.proowner}} AS owner, {{acl p.proacl f p.proowner}} AS acl
FROM pg_proc p
JOIN pg_namespace n ON n.oid = p.pronamespace
CROSS JOIN LATERAL (
  SELECT coalesce(string_agg(format_type(u.type, NULL), ', ' ORDER BY u.n), '') AS types,
         coalesce(string_agg('IN ' || format_type(u.type, NULL), ', ' ORDER BY u.n), '') AS marked
  FROM unnest(p.proargtypes) WITH ORDINALITY u (type, n)) a
CROSS JOIN LATERAL (
  SELECT string_agg(coalesce({{escaped u.name}}, '') || ' ' || format_type(u.type, NULL), E'\n' ORDER BY u.n)
           FILTER (WHERE u.mode IN ('o', 'b', 't')) AS outs,
         string_agg(coalesce({{escaped u.name}}, ''), E'\n' ORDER BY u.n)
           FILTER (WHERE u.mode IS NULL OR u.mode IN ('i', 'b', 'v')) AS names
  FROM unnest(p.proallargtypes, p.proargmodes, p.proargnames) WITH ORDINALITY u (type, mode, name, n)) x
WHERE p.prokind = 'p' AND {{user n}} AND {{own 1255 p.oid}}
