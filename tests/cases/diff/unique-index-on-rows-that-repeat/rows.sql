INSERT INTO t VALUES ('Ann'), ('ann');
