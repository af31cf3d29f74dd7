CREATE FOREIGN DATA WRAPPER dummy;
CREATE SERVER far FOREIGN DATA WRAPPER dummy;
CREATE FOREIGN TABLE item (id int, name text) SERVER far;
CREATE TABLE other (id int, name text);
COMMENT ON COLUMN item.name IS 'n';
