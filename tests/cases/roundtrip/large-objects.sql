-- Large objects: empty, of several pages, with a comment, grants and an id that a row refers to.
--- migration
CREATE TABLE pictures (id serial PRIMARY KEY, picture oid);
INSERT INTO pictures (picture) VALUES
  (lo_from_bytea(4100001, decode('00ff5c0a', 'hex'))), (lo_from_bytea(4100002, decode(repeat('ab', 10000), 'hex'))),
  (lo_create(4100003));
COMMENT ON LARGE OBJECT 4100001 IS 'the first';
GRANT SELECT ON LARGE OBJECT 4100002 TO {reader};
