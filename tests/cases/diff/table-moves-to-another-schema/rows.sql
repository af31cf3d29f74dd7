INSERT INTO t (note) VALUES ('kept');
