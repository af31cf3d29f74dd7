SELECT '1417/' || s.oid AS addr, '' AS schema, s.srvname AS name, '' AS sub,
       quote_ident(w.fdwname) AS wrapper, s.srvtype AS type, s.srvversion AS version,
       {{options s.srvoptions}} AS options,
       {{comment 1417 s.oid}} AS comment, {{owner s.srvowner}} AS owner, {{acl s.srvacl S s.srvowner}} AS acl
FROM pg_foreign_server s
JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw
WHERE {{own 1417 s.oid}}
