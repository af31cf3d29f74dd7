(SELECT string_agg(m.line, E'\n' ORDER BY m.line) FROM (
          SELECT concat_ws(E'\t', 'OPERATOR', lpad(a.amopstrategy::text, 5),
                   {{line format('(%s,%s)',format_type(a.amoplefttype,NULL),format_type(a.amoprighttype,NULL))}},
                   {{line format('%I.%s',mn.nspname,o.oprname)}},
                   (SELECT {{line format('%I.%I',fn.nspname,sf.opfname)}} FROM pg_opfamily sf
                      JOIN pg_namespace fn ON fn.oid = sf.opfnamespace WHERE sf.oid = a.amopsortfamily)) AS line
          FROM pg_depend d JOIN pg_amop a ON a.oid = d.objid JOIN pg_operator o ON o.oid = a.amopopr
          JOIN pg_namespace mn ON mn.oid = o.oprnamespace
          WHERE d.classid = 2602 AND d.refclassid = $1 AND d.refobjid = $2
          UNION ALL
          SELECT concat_ws(E'\t', 'FUNCTION', lpad(p.amprocnum::text, 5),
                   {{line format('(%s,%s)',format_type(p.amproclefttype,NULL),format_type(p.amprocrighttype,NULL))}},
                   {{line p.amproc::regprocedure::text}})
          FROM pg_depend d JOIN pg_amproc p ON p.oid = d.objid
          WHERE d.classid = 2603 AND d.refclassid = $1 AND d.refobjid = $2) m)
