SELECT '2618/' || r.oid AS addr, n.nspname AS schema, c.relname AS name, r.rulename AS sub,
       regexp_replace(pg_get_ruledef(r.oid), ';$', '') AS definition,
       nullif(r.ev_enabled, 'O') AS enabled,
       NULL AS clones, NULL AS _foreign,
       {{comment 2618 r.oid}} AS comment
FROM pg_rewrite r
JOIN pg_class c ON c.oid = r.ev_class
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE r.rulename <> '_RETURN' AND {{user n}} AND {{own 1259 c.oid}} AND {{own 2618 r.oid}}
