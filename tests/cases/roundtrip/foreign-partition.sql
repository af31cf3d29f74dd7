-- A partition is a foreign table whose server cannot be reached.
-- refused: createdb verify,restore,rollback 3 only a superuser may create the extension
-- refused: createdb,owner in-place 3 to whom it would have to give what it restores
-- needs: postgres_fdw
--- superuser
CREATE EXTENSION postgres_fdw;
GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO {owner};
--- migration
CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '1', dbname 'x');
CREATE USER MAPPING FOR PUBLIC SERVER far OPTIONS (user 'u', password 'p');
CREATE TABLE readings (id serial, area int, value int) PARTITION BY LIST (area);
CREATE TABLE readings_near PARTITION OF readings FOR VALUES IN (1, 2);
CREATE FOREIGN TABLE readings_far PARTITION OF readings FOR VALUES IN (9) SERVER far;
INSERT INTO readings_near (area, value) SELECT 1 + n % 2, n FROM generate_series(1, 20) n;
CREATE FOREIGN TABLE alone (id int OPTIONS (column_name 'n')) SERVER far OPTIONS (table_name 'elsewhere');
