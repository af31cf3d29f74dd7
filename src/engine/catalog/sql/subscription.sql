SELECT '6100/' || s.oid AS addr, '' AS schema, s.subname AS name, '' AS sub,
       CASE WHEN s.subenabled THEN 't' END AS enabled, s.subslotname AS slot,
       (SELECT string_agg(quote_ident(p), E'\n' ORDER BY p COLLATE "C") FROM unnest(s.subpublications) p) AS publications,
       s.subbinary::text AS binary, s.subsynccommit AS synchronous_commit,
       CASE s.substream::text WHEN 'p' THEN 'parallel' WHEN 't' THEN 'on' WHEN 'true' THEN 'on' ELSE 'off' END AS streaming,
       (s.subtwophasestate <> 'd')::text AS two_phase, --+150000
       s.subdisableonerr::text AS disable_on_error, --+150000
       NULL AS two_phase, NULL AS disable_on_error, --<150000
       s.subpasswordrequired::text AS password_required, s.subrunasowner::text AS run_as_owner, s.suborigin AS origin, --+160000
       NULL AS password_required, NULL AS run_as_owner, NULL AS origin, --<160000
       s.subfailover::text AS failover, --+170000
       NULL AS failover, --<170000
       (SELECT quote_ident(f.srvname) FROM pg_foreign_server f WHERE f.oid = s.subserver) AS server, --+190000
       s.subretaindeadtuples::text AS retain_dead_tuples, s.submaxretention AS max_retention_duration, --+190000
       s.subwalrcvtimeout AS wal_receiver_timeout, --+190000
       NULL AS server, NULL AS retain_dead_tuples, NULL AS max_retention_duration, NULL AS wal_receiver_timeout, --<190000
       {{comment 6100 s.oid}} AS comment, {{owner s.subowner}} AS owner
FROM pg_subscription s
WHERE s.subdbid = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
