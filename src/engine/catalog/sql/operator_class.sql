SELECT '2616/' || c.oid || coalesce((SELECT string_agg(format(' %s/%s', d.classid, d.objid), '') FROM pg_depend d
         WHERE d.classid IN (2602, 2603) AND d.refclassid = 2616 AND d.refobjid = c.oid), '') AS addr,
       n.nspname AS schema, c.opcname AS name, am.amname AS sub,
       format_type(c.opcintype, NULL) AS type,
       CASE WHEN c.opcdefault THEN 't' END AS default,
       format('%I.%I', fa.nspname, f.opfname) AS family,
       CASE WHEN c.opckeytype <> 0 THEN format_type(c.opckeytype, NULL) END AS storage,
       {{members 2616 c.oid}} AS members,
       {{comment 2616 c.oid}} AS comment, {{owner c.opcowner}} AS owner
FROM pg_opclass c
JOIN pg_namespace n ON n.oid = c.opcnamespace
JOIN pg_am am ON am.oid = c.opcmethod
JOIN pg_opfamily f ON f.oid = c.opcfamily
JOIN pg_namespace fa ON fa.oid = f.opfnamespace
WHERE {{user n}} AND {{own 2616 c.oid}}
