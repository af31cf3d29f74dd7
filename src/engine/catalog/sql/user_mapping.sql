SELECT '1418/' || m.umid AS addr, '' AS schema, m.srvname AS name, m.usename AS sub,
       CASE WHEN {{mapping m s}} THEN {{options m.umoptions}} ELSE {{unreadable}} END AS options
FROM pg_user_mappings m
JOIN pg_foreign_server s ON s.oid = m.srvid
WHERE {{own 1418 m.umid}}
