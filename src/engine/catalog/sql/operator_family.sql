SELECT '2753/' || f.oid || coalesce((SELECT string_agg(format(' %s/%s', d.classid, d.objid), '') FROM pg_depend d
         WHERE d.classid IN (2602, 2603) AND d.refclassid = 2753 AND d.refobjid = f.oid), '') AS addr,
       n.nspname AS schema, f.opfname AS name, am.amname AS sub,
       (SELECT string_agg(m.line, E'\n' ORDER BY m.line) FROM (
          SELECT concat_ws(E'\t', 'OPERATOR', lpad(a.amopstrategy::text, 5),
                   {{line format('(%s,%s)',format_type(a.amoplefttype,NULL),format_type(a.amoprighttype,NULL))}},
                   {{line format('%I.%s',mn.nspname,o.oprname)}},
                   (SELECT {{line format('%I.%I',fn.nspname,sf.opfname)}} FROM pg_opfamily sf
                      JOIN pg_namespace fn ON fn.oid = sf.opfnamespace WHERE sf.oid = a.amopsortfamily)) AS line
          FROM pg_depend d JOIN pg_amop a ON a.oid = d.objid JOIN pg_operator o ON o.oid = a.amopopr
          JOIN pg_namespace mn ON mn.oid = o.oprnamespace
          WHERE d.classid = 2602 AND d.refclassid = 2753 AND d.refobjid = f.oid
          UNION ALL
          SELECT concat_ws(E'\t', 'FUNCTION', lpad(p.amprocnum::text, 5),
                   {{line format('(%s,%s)',format_type(p.amproclefttype,NULL),format_type(p.amprocrighttype,NULL))}},
                   {{line p.amproc::regprocedure::text}})
          FROM pg_depend d JOIN pg_amproc p ON p.oid = d.objid
          WHERE d.classid = 2603 AND d.refclassid = 2753 AND d.refobjid = f.oid) m) AS members,
       {{comment 2753 f.oid}} AS comment, {{owner f.opfowner}} AS owner
FROM pg_opfamily f
JOIN pg_namespace n ON n.oid = f.opfnamespace
JOIN pg_am am ON am.oid = f.opfmethod
WHERE {{user n}} AND {{own 2753 f.oid}}
