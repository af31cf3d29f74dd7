SELECT string_agg(concat_ws(' ', classid, objid, objsubid, refclassid, refobjid, refobjsubid, deptype), ',') AS links
FROM pg_depend
WHERE objid >= 16384 AND (refobjid >= 16384 OR deptype = 'e')
