-- Default privileges that grant and revoke, in a schema and everywhere, and grants that differ from them.
-- changes: createdb restore,rollback 0 database itself
--- migration
CREATE SCHEMA shop;
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {reader};
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA shop GRANT INSERT, UPDATE ON TABLES TO {reader};
ALTER DEFAULT PRIVILEGES IN SCHEMA shop GRANT USAGE ON SEQUENCES TO {reader} WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM PUBLIC;
CREATE TABLE shop.orders (id serial PRIMARY KEY, n int); INSERT INTO shop.orders (n) VALUES (1);
CREATE TABLE shop.secrets (id serial PRIMARY KEY, n int); INSERT INTO shop.secrets (n) VALUES (1);
REVOKE ALL ON shop.secrets FROM {reader};
CREATE FUNCTION shop.f() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION shop.g() RETURNS int LANGUAGE sql AS 'SELECT 1'; GRANT EXECUTE ON FUNCTION shop.g() TO PUBLIC;
CREATE TYPE shop.pair AS (a int, b int); GRANT USAGE ON TYPE shop.pair TO PUBLIC;
GRANT SELECT (id), UPDATE (n) ON shop.secrets TO {reader};
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
--- superuser
GRANT CONNECT ON DATABASE {database} TO {reader};
REVOKE CONNECT, TEMPORARY ON DATABASE {database} FROM PUBLIC;
ALTER DATABASE {database} SET work_mem = '5MB';
ALTER ROLE {reader} IN DATABASE {database} SET search_path = shop, public;
COMMENT ON DATABASE {database} IS 'it''s a shop';
