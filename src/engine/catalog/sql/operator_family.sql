SELECT '2753/' || f.oid || coalesce((SELECT string_agg(format(' %s/%s', d.classid, d.objid), '') FROM pg_depend d
         WHERE d.classid IN (2602, 2603) AND d.refclassid = 2753 AND d.refobjid = f.oid), '') AS addr,
       n.nspname AS schema, f.opfname AS name, am.amname AS sub,
       {{members 2753 f.oid}} AS members,
       {{comment 2753 f.oid}} AS comment, {{owner f.opfowner}} AS owner
FROM pg_opfamily f
JOIN pg_namespace n ON n.oid = f.opfnamespace
JOIN pg_am am ON am.oid = f.opfmethod
WHERE {{user n}} AND {{own 2753 f.oid}}
