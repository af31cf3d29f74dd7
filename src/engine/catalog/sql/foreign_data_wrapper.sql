SELECT '2328/' || w.oid AS addr, '' AS schema, w.fdwname AS name, '' AS sub,
       CASE WHEN w.fdwhandler <> 0 THEN w.fdwhandler::regproc::text END AS handler,
       CASE WHEN w.fdwvalidator <> 0 THEN w.fdwvalidator::regproc::text END AS validator,
       CASE WHEN w.fdwconnection <> 0 THEN w.fdwconnection::regproc::text END AS connection, --+190000
       NULL AS connection, --<190000
       {{options w.fdwoptions}} AS options,
       {{comment 2328 w.oid}} AS comment, {{owner w.fdwowner}} AS owner, {{acl w.fdwacl F w.fdwowner}} AS acl
FROM pg_foreign_data_wrapper w
WHERE {{own 2328 w.oid}}
