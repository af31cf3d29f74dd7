SELECT '3256/' || p.oid AS addr, n.nspname AS schema, c.relname AS name, p.polname AS sub,
       CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' END AS command,
       CASE WHEN NOT p.polpermissive THEN 't' END AS restrictive,
       (SELECT string_agg(r.name, E'\n' ORDER BY r.name) FROM (
          SELECT CASE WHEN u.role = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(u.role)) END AS name
            FROM unnest(p.polroles) u (role)) r) AS roles,
       pg_get_expr(p.polqual, p.polrelid) AS using,
       pg_get_expr(p.polwithcheck, p.polrelid) AS with_check,
       {{comment 3256 p.oid}} AS comment
FROM pg_policy p
JOIN pg_class c ON c.oid = p.polrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {{user n}} AND {{own 1259 c.oid}} AND {{own 3256 p.oid}}
