-- A database that is hard to read back from a backup. The archives beside this file were made of it, by pg_dump of
-- PostgreSQL 15, 16 and 18, with `-Fc -Z0` and `-Fc -Z6`, as a role `archivist`.
CREATE SCHEMA "Odd ""Schema""";
CREATE TABLE "Odd ""Schema"""."a.b; --" ("from" integer PRIMARY KEY, "Ü(stdin)" text);
INSERT INTO "Odd ""Schema"""."a.b; --" VALUES
    (1, 'plain'), (2, NULL), (3, ''), (4, E'\\.'), (5, E'\\.\n\\.\n'), (6, E'tab\there, line\nbreak, return\r, \\N'),
    (7, 'COPY public.nothing (a) FROM stdin;'), (8, E'-- PostgreSQL database dump complete\n'), (9, 'Ünïcødé 🐘'),
    (10, repeat('long ', 500));

CREATE TABLE empty (a integer, b text);
CREATE TABLE bare ();
INSERT INTO bare DEFAULT VALUES;
INSERT INTO bare DEFAULT VALUES;
INSERT INTO bare DEFAULT VALUES;

CREATE TABLE files (id integer, content bytea, size integer GENERATED ALWAYS AS (length(content)) STORED);
INSERT INTO files SELECT n, decode(repeat(md5(n::text), n), 'hex') FROM generate_series(1, 20) n;

CREATE TABLE events (at date NOT NULL, what text) PARTITION BY RANGE (at);
CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
INSERT INTO events SELECT date '2025-06-01' + n, 'event ' || n FROM generate_series(1, 400) n;

CREATE SCHEMA shadow;
CREATE VIEW shadow.files AS SELECT id FROM public.files;
CREATE MATERIALIZED VIEW totals AS SELECT count(*) AS files FROM files;
CREATE SEQUENCE counter START 42;

CREATE FUNCTION trap() RETURNS text LANGUAGE plpgsql AS $body$
BEGIN
    RETURN '
COPY public.trap (a) FROM stdin;
1
\.
-- PostgreSQL database dump complete
\unrestrict
';
END
$body$;

CREATE POLICY readers ON files FOR SELECT TO archivist, PUBLIC USING (id > 0);
GRANT SELECT (id), UPDATE ON files TO archivist WITH GRANT OPTION;
GRANT EXECUTE ON FUNCTION trap() TO archivist;
ALTER DEFAULT PRIVILEGES IN SCHEMA shadow GRANT SELECT ON TABLES TO archivist;

SELECT lo_from_bytea(4100001, 'a large object');
SELECT lo_from_bytea(4100002, '');
SELECT lo_from_bytea(4100003, decode(repeat('00ff', 5000), 'hex'));
