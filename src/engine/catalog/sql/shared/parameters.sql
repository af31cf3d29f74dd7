CROSS JOIN LATERAL (
  SELECT string_agg(coalesce({{line u.name}}, '') || ' ' || format_type(u.type, NULL), E'\n' ORDER BY u.n)
           FILTER (WHERE u.mode IN ('o', 'b', 't')) AS outs,
         string_agg(coalesce({{line u.name}}, ''), E'\n' ORDER BY u.n)
           FILTER (WHERE u.mode IS NULL OR u.mode IN ('i', 'b', 'v')) AS names
  FROM unnest(p.proallargtypes, p.proargmodes, p.proargnames) WITH ORDINALITY u (type, mode, name, n)) x
