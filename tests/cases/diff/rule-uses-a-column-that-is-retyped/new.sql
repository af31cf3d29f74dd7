CREATE TABLE t (id int, v bigint);
CREATE TABLE log (v bigint);
CREATE RULE t_log AS ON UPDATE TO t WHERE NEW.v > OLD.v DO ALSO INSERT INTO log VALUES (OLD.v);
