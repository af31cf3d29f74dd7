CREATE FOREIGN DATA WRAPPER farwrap OPTIONS (api_key 'a', b '1'); CREATE SERVER farserver TYPE 'a' FOREIGN DATA WRAPPER farwrap OPTIONS (token 'a', c '1');
CREATE USER MAPPING FOR app_reader SERVER farserver OPTIONS (secret 'x', d '1');
CREATE FOREIGN TABLE fartable (a int OPTIONS (pwd 'x', e '1'), b int) SERVER farserver OPTIONS (password 'x', f '1');
