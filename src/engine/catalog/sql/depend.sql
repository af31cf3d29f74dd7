SELECT classid, objid, objsubid, refclassid, refobjid, refobjsubid, deptype FROM pg_depend
WHERE objid >= 16384 AND (refobjid >= 16384 OR deptype = 'e')
