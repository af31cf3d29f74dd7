CREATE FOREIGN DATA WRAPPER dummy;
CREATE SERVER far FOREIGN DATA WRAPPER dummy;
CREATE TABLE item (id int, name text);
CREATE FOREIGN TABLE other (id int, name text) SERVER far OPTIONS (a 'b');
COMMENT ON COLUMN item.name IS 'n';
