INSERT INTO t VALUES ('côte'), ('cote');
