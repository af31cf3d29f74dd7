CREATE TABLE customer (id int PRIMARY KEY, name text, city text);
CREATE VIEW customer_list AS SELECT id, city FROM customer;
COMMENT ON VIEW customer_list IS 'for the sales team';
COMMENT ON COLUMN customer_list.city IS 'where they live';
GRANT SELECT ON customer_list TO app_reader;
GRANT SELECT (id) ON customer_list TO app_writer;
