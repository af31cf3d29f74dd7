SELECT '2605/' || c.oid AS addr, '' AS schema,
       format('(%s AS %s)', format_type(c.castsource, NULL), format_type(c.casttarget, NULL)) AS name, '' AS sub,
       CASE c.castmethod WHEN 'f' THEN 'WITH FUNCTION ' || c.castfunc::regprocedure WHEN 'i' THEN 'WITH INOUT'
            ELSE 'WITHOUT FUNCTION' END AS method,
       CASE c.castcontext WHEN 'a' THEN 'AS ASSIGNMENT' WHEN 'i' THEN 'AS IMPLICIT' END AS context,
       {{comment 2605 c.oid}} AS comment
FROM pg_cast c
WHERE c.oid >= 16384 AND {{own 2605 c.oid}}
  AND NOT EXISTS (SELECT FROM pg_depend i WHERE i.classid = 2605 AND i.objid = c.oid AND i.deptype = 'i')
