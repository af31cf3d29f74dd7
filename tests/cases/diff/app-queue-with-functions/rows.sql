INSERT INTO q.job (payload) VALUES ('{"a": 1}'), ('{"b": 2}');
