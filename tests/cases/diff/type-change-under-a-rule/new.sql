CREATE TABLE t (id integer PRIMARY KEY, n bigint);
CREATE TABLE log (id integer, n bigint);
CREATE RULE logged AS ON UPDATE TO t WHERE NEW.n <> OLD.n DO ALSO INSERT INTO log VALUES (NEW.id, NEW.n);
