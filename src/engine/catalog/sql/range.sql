SELECT '1247/' || t.oid || ' 1247/' || t.typarray || ' 1247/' || m.oid || ' 1247/' || m.typarray
         || coalesce((SELECT string_agg(' 1255/' || p.objid, '') FROM pg_depend p WHERE p.classid = 1255
              AND p.refclassid = 1247 AND p.refobjid IN (t.oid, m.oid) AND p.deptype = 'i'), '') AS addr,
       n.nspname AS schema, t.typname AS name, '' AS sub,
       format_type(r.rngsubtype, NULL) AS subtype,
       (SELECT format('%I.%I', on_.nspname, o.opcname) FROM pg_opclass o JOIN pg_namespace on_ ON on_.oid = o.opcnamespace
          WHERE o.oid = r.rngsubopc AND NOT o.opcdefault) AS operator_class,
       CASE WHEN r.rngcollation <> s.typcollation THEN r.rngcollation::regcollation::text END AS collation,
       CASE WHEN r.rngcanonical <> 0 THEN r.rngcanonical::regproc::text END AS canonical,
       CASE WHEN r.rngsubdiff <> 0 THEN r.rngsubdiff::regproc::text END AS subtype_diff,
       CASE WHEN m.typnamespace <> t.typnamespace OR m.typname <> left(CASE WHEN strpos(t.typname, 'range') > 0
              THEN regexp_replace(t.typname, 'range', 'multirange') ELSE t.typname || '_multirange' END, 63)
            THEN format('%I.%I', mn.nspname, m.typname) END AS multirange,
       mn.nspname AS _multirange_schema, m.typname AS _multirange_name,
       {{comment 1247 t.oid}} AS comment, {{owner t.typowner}} AS owner, {{acl t.typacl T t.typowner}} AS acl
FROM pg_range r
JOIN pg_type t ON t.oid = r.rngtypid
JOIN pg_namespace n ON n.oid = t.typnamespace
JOIN pg_type s ON s.oid = r.rngsubtype
JOIN pg_type m ON m.oid = r.rngmultitypid
JOIN pg_namespace mn ON mn.oid = m.typnamespace
WHERE {{user n}} AND {{own 1247 t.oid}}
