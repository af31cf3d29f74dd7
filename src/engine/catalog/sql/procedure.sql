SELECT '1255/' || p.oid AS addr, n.nspname AS schema, p.proname AS name, a.marked AS sub,
       rtrim(pg_get_functiondef(p.oid), E'\n') AS definition,
       NULL AS _window, format_type(p.prorettype, NULL) AS _result,
       {{routine}}
FROM pg_proc p
JOIN pg_namespace n ON n.oid = p.pronamespace
CROSS JOIN LATERAL (
  SELECT coalesce(string_agg(format_type(u.type, NULL), ', ' ORDER BY u.n), '') AS types,
         coalesce(string_agg('IN ' || format_type(u.type, NULL), ', ' ORDER BY u.n), '') AS marked
  FROM unnest(p.proargtypes) WITH ORDINALITY u (type, n)) a
{{parameters}}
WHERE p.prokind = 'p' AND {{user n}} AND {{own 1255 p.oid}}
