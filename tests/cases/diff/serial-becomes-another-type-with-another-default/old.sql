CREATE TABLE t (a serial); CREATE TABLE k (a bigserial PRIMARY KEY, b text); CREATE TABLE n (a serial);
