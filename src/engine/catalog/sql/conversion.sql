SELECT '2607/' || c.oid AS addr, n.nspname AS schema, c.conname AS name, '' AS sub,
       pg_encoding_to_char(c.conforencoding) AS from_encoding, pg_encoding_to_char(c.contoencoding) AS to_encoding,
       c.conproc::regproc::text AS function, CASE WHEN c.condefault THEN 't' END AS default,
       {{comment 2607 c.oid}} AS comment, {{owner c.conowner}} AS owner
FROM pg_conversion c
JOIN pg_namespace n ON n.oid = c.connamespace
WHERE {{user n}} AND {{own 2607 c.oid}}
