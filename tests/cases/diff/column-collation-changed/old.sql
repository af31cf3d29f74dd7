CREATE TABLE t (id integer PRIMARY KEY, name text COLLATE "C", other text COLLATE "POSIX");
CREATE INDEX t_name ON t (name);
CREATE INDEX t_name_posix ON t (name COLLATE "POSIX");
