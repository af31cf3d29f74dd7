CREATE EXTENSION file_fdw;
CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
CREATE FOREIGN TABLE ft (id int) SERVER files OPTIONS (filename '/nonexistent.csv', format 'csv', delimiter ';', header 'true');
