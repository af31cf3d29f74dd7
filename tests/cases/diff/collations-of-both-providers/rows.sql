INSERT INTO t VALUES ('ä', 'b');
