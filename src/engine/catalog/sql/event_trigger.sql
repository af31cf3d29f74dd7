SELECT '3466/' || v.oid AS addr, '' AS schema, v.evtname AS name, '' AS sub,
       v.evtevent AS event,
       array_to_string(v.evttags, E'\n') AS tags,
       format('%I.%I', n.nspname, p.proname) AS function,
       nullif(v.evtenabled, 'O') AS enabled,
       {{comment 3466 v.oid}} AS comment, {{owner v.evtowner}} AS owner
FROM pg_event_trigger v
JOIN pg_proc p ON p.oid = v.evtfoid
JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE {{own 3466 v.oid}}
