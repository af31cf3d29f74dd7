INSERT INTO t (note) VALUES ('a'), ('b'), ('c');
