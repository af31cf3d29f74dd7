SELECT '2612/' || l.oid AS addr, '' AS schema, l.lanname AS name, '' AS sub,
       CASE WHEN l.lanpltrusted THEN 't' END AS trusted,
       CASE WHEN l.lanplcallfoid <> 0 THEN l.lanplcallfoid::regproc::text END AS handler,
       CASE WHEN l.laninline <> 0 THEN l.laninline::regproc::text END AS inline,
       CASE WHEN l.lanvalidator <> 0 THEN l.lanvalidator::regproc::text END AS validator,
       {{comment 2612 l.oid}} AS comment, {{owner l.lanowner}} AS owner, {{acl l.lanacl l l.lanowner}} AS acl
FROM pg_language l
WHERE l.oid >= 16384 AND l.lanispl AND l.lanname <> 'plpgsql' AND {{own 2612 l.oid}}
   OR l.lanname = 'plpgsql' AND {{acl l.lanacl l l.lanowner}} IS NOT NULL
