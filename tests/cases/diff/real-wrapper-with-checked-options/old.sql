CREATE EXTENSION postgres_fdw;
CREATE SERVER pg FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'a', dbname 'x');
CREATE FOREIGN TABLE ft (id int OPTIONS (column_name 'i')) SERVER pg OPTIONS (table_name 't');
