SELECT '6237/' || r.oid AS addr, '' AS schema, n.nspname AS name, p.pubname AS sub --+150000
FROM pg_publication_namespace r --+150000
JOIN pg_publication p ON p.oid = r.pnpubid --+150000
JOIN pg_namespace n ON n.oid = r.pnnspid --+150000
SELECT NULL AS addr, NULL AS schema, NULL AS name, NULL AS sub WHERE false --<150000
