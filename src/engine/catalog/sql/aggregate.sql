SELECT '1255/' || p.oid AS addr, n.nspname AS schema, p.proname AS name,
       CASE WHEN p.pronargs = 0 THEN '*' WHEN g.aggkind = 'n' THEN a.marked
            ELSE ltrim(concat_ws(' ', a.direct, 'ORDER BY', coalesce(a.ordered, a.last))) END AS sub,
       concat_ws(E',\n    ',
         'SFUNC = ' || g.aggtransfn::regproc,
         'STYPE = ' || format_type(g.aggtranstype, NULL),
         'SSPACE = ' || nullif(g.aggtransspace, 0),
         'FINALFUNC = ' || nullif(g.aggfinalfn::oid, 0)::regproc,
         CASE WHEN g.aggfinalextra THEN 'FINALFUNC_EXTRA' END,
         CASE WHEN g.aggfinalmodify <> CASE WHEN g.aggkind = 'n' THEN 'r' ELSE 'w' END THEN 'FINALFUNC_MODIFY = '
           || CASE g.aggfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END,
         'COMBINEFUNC = ' || nullif(g.aggcombinefn::oid, 0)::regproc,
         'SERIALFUNC = ' || nullif(g.aggserialfn::oid, 0)::regproc,
         'DESERIALFUNC = ' || nullif(g.aggdeserialfn::oid, 0)::regproc,
         'INITCOND = ' || quote_literal(g.agginitval),
         'MSFUNC = ' || nullif(g.aggmtransfn::oid, 0)::regproc,
         'MINVFUNC = ' || nullif(g.aggminvtransfn::oid, 0)::regproc,
         'MSTYPE = ' || CASE WHEN g.aggmtranstype <> 0 THEN format_type(g.aggmtranstype, NULL) END,
         'MSSPACE = ' || nullif(g.aggmtransspace, 0),
         'MFINALFUNC = ' || nullif(g.aggmfinalfn::oid, 0)::regproc,
         CASE WHEN g.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END,
         CASE WHEN g.aggmfinalmodify <> CASE WHEN g.aggkind = 'n' THEN 'r' ELSE 'w' END AND g.aggmtransfn <> 0
           THEN 'MFINALFUNC_MODIFY = '
           || CASE g.aggmfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END,
         'MINITCOND = ' || quote_literal(g.aggminitval),
         (SELECT format('SORTOP = OPERATOR(%I.%s)', sn.nspname, o.oprname)
            FROM pg_operator o JOIN pg_namespace sn ON sn.oid = o.oprnamespace WHERE o.oid = g.aggsortop),
         'SUPPORT = ' || nullif(p.prosupport::oid, 0)::regproc,
         CASE p.proparallel WHEN 's' THEN 'PARALLEL = SAFE' WHEN 'r' THEN 'PARALLEL = RESTRICTED' END,
         CASE WHEN g.aggkind = 'h' THEN 'HYPOTHETICAL' END) AS definition,
       CASE WHEN p.pronargs = 0 THEN '*' ELSE pg_get_function_arguments(p.oid) END AS arguments,
       g.aggkind AS _kind, format_type(p.prorettype, NULL) AS _result, a.types AS _types,
       {{comment 1255 p.oid}} AS comment, {{owner p.proowner}} AS owner, {{acl p.proacl f p.proowner}} AS acl
FROM pg_proc p
JOIN pg_aggregate g ON g.aggfnoid = p.oid
JOIN pg_namespace n ON n.oid = p.pronamespace
CROSS JOIN LATERAL (
  SELECT coalesce(string_agg(u.type, ', ' ORDER BY u.n), '') AS types,
         coalesce(string_agg(u.marked, ', ' ORDER BY u.n), '') AS marked,
         string_agg(u.marked, ', ' ORDER BY u.n) FILTER (WHERE u.n <= g.aggnumdirectargs) AS direct,
         string_agg(u.marked, ', ' ORDER BY u.n) FILTER (WHERE u.n > g.aggnumdirectargs) AS ordered,
         string_agg(u.marked, ', ' ORDER BY u.n) FILTER (WHERE u.n = p.pronargs) AS last
  FROM (SELECT u.n, format_type(u.oid, NULL) AS type,
               CASE WHEN p.provariadic <> 0 AND u.n = p.pronargs THEN 'VARIADIC ' ELSE '' END || format_type(u.oid, NULL)
                 AS marked
          FROM unnest(p.proargtypes) WITH ORDINALITY u (oid, n)) u) a
WHERE p.prokind = 'a' AND {{user n}} AND {{own 1255 p.oid}}
