SELECT '2620/' || t.oid || CASE WHEN t.tgconstraint <> 0 THEN ' 2606/' || t.tgconstraint ELSE '' END AS addr,
       n.nspname AS schema, c.relname AS name, t.tgname AS sub,
       pg_get_triggerdef(t.oid) AS definition,
       nullif(t.tgenabled, 'O') AS enabled,
       CASE WHEN c.relkind = 'p' THEN (
         WITH RECURSIVE k AS (
           SELECT x.oid, x.tgrelid, x.tgenabled FROM pg_trigger x WHERE x.tgparentid = t.oid
           UNION ALL SELECT x.oid, x.tgrelid, x.tgenabled FROM k JOIN pg_trigger x ON x.tgparentid = k.oid)
         SELECT string_agg(k.tgenabled::text || ' ' || k.tgrelid::regclass, E'\n' ORDER BY k.tgrelid::regclass::text)
           FROM k WHERE k.tgenabled <> t.tgenabled) END AS clones,
       CASE WHEN c.relkind = 'f' THEN 't' END AS _foreign,
       {{extensions 2620 t.oid}} AS extensions,
       {{comment 2620 t.oid}} AS comment
FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND {{user n}} AND {{own 1259 c.oid}} AND {{own 2620 t.oid}}
