CREATE TABLE t (id integer PRIMARY KEY, name text, other text COLLATE "C");
CREATE INDEX t_name ON t (name);
CREATE INDEX t_name_posix ON t (name COLLATE "POSIX");
