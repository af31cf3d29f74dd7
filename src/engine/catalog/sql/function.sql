SELECT '1255/' || p.oid AS addr, n.nspname AS schema, p.proname AS name, a.types AS sub,
       rtrim(pg_get_functiondef(p.oid), E'\n') AS definition,
       CASE WHEN p.prokind = 'w' THEN 't' END AS _window,
       CASE WHEN p.proretset THEN 'SETOF ' ELSE '' END || format_type(p.prorettype, NULL) AS _result,
       {{routine}}
FROM pg_proc p
JOIN pg_namespace n ON n.oid = p.pronamespace
CROSS JOIN LATERAL (
  SELECT coalesce(string_agg(format_type(u.type, NULL), ', ' ORDER BY u.n), '') AS types
  FROM unnest(p.proargtypes) WITH ORDINALITY u (type, n)) a
{{parameters}}
WHERE p.prokind IN ('f', 'w') AND {{user n}} AND {{own 1255 p.oid}}
  AND NOT EXISTS (SELECT FROM pg_depend i WHERE i.classid = 1255 AND i.objid = p.oid AND i.deptype = 'i')
