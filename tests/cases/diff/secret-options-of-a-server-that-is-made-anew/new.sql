CREATE FOREIGN DATA WRAPPER farwrap OPTIONS (b '2'); CREATE SERVER farserver TYPE 'b' FOREIGN DATA WRAPPER farwrap OPTIONS (c '2');
CREATE USER MAPPING FOR app_reader SERVER farserver OPTIONS (d '2');
CREATE FOREIGN TABLE fartable (a int OPTIONS (e '2'), b int) SERVER farserver OPTIONS (f '2');
