a.types AS _types, x.outs AS _outs, x.names AS _names, p.pronargdefaults AS _defaults,
       pg_get_function_arguments(p.oid) AS _arguments,
       CASE WHEN p.prosqlbody IS NULL THEN p.prosrc END AS _body,
       {{extensions 1255 p.oid}} AS extensions,
       {{comment 1255 p.oid}} AS comment, {{owner p.proowner}} AS owner, {{acl p.proacl f p.proowner}} AS acl
