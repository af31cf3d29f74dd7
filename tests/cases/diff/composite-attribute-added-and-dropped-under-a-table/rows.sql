INSERT INTO t VALUES (1, ROW(7, 'b'), ARRAY[ROW(8, 'c')::c]);
