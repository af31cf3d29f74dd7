SELECT '826/' || d.oid AS addr, coalesce(n.nspname, '') AS schema, pg_get_userbyid(d.defaclrole) AS name, d.defaclobjtype AS sub,
       {{grants d.defaclacl d.defaclrole}} AS grants
FROM pg_default_acl d
LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
