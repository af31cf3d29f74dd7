-- Row-level security with FORCE, which hides rows from the owner of a table, too.
-- refused: createdb,owner backup 3 row security hides rows of
--- migration
CREATE TABLE tenants (id int PRIMARY KEY); INSERT INTO tenants VALUES (1), (2);
CREATE TABLE documents (id serial PRIMARY KEY, tenant int REFERENCES tenants, title text);
INSERT INTO documents (tenant, title) SELECT 1 + n % 2, 'title ' || n FROM generate_series(1, 20) n;
CREATE TABLE logs (id serial, tenant int) PARTITION BY LIST (tenant);
CREATE TABLE logs_1 PARTITION OF logs FOR VALUES IN (1);
CREATE TABLE logs_rest PARTITION OF logs DEFAULT;
INSERT INTO logs (tenant) SELECT 1 + n % 2 FROM generate_series(1, 20) n;
CREATE POLICY own ON documents USING (tenant = 1);
CREATE POLICY readers ON documents FOR SELECT TO {reader} USING (title <> 'title 3');
CREATE POLICY narrow ON documents AS RESTRICTIVE FOR UPDATE USING (true) WITH CHECK (tenant < 2);
CREATE POLICY own ON tenants USING (id = 1);
CREATE POLICY own ON logs_1 USING (false);
ALTER TABLE documents ENABLE ROW LEVEL SECURITY; ALTER TABLE documents FORCE ROW LEVEL SECURITY;
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY; ALTER TABLE tenants FORCE ROW LEVEL SECURITY;
ALTER TABLE logs_1 ENABLE ROW LEVEL SECURITY; ALTER TABLE logs_1 FORCE ROW LEVEL SECURITY;
