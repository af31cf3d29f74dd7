SELECT '6104/' || p.oid AS addr, '' AS schema, p.pubname AS name, '' AS sub,
       CASE WHEN p.puballtables THEN 't' END AS all_tables,
       CASE WHEN p.puballsequences THEN 't' END AS all_sequences, --+190000
       NULL AS all_sequences, --<190000
       concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
                 CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END) AS publish,
       p.pubviaroot::text AS publish_via_partition_root,
       CASE p.pubgencols WHEN 's' THEN 'stored' ELSE 'none' END AS publish_generated_columns, --+180000
       NULL AS publish_generated_columns, --<180000
       {{comment 6104 p.oid}} AS comment, {{owner p.pubowner}} AS owner
FROM pg_publication p
WHERE {{own 6104 p.oid}}
