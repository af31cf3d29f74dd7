CREATE TABLE t (id int);
CREATE TABLE log_b (id int, at timestamptz DEFAULT now());
CREATE RULE t_log AS ON INSERT TO t DO ALSO INSERT INTO log_b VALUES (NEW.id);
