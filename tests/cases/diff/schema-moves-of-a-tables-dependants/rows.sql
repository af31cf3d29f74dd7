INSERT INTO a.item (id) VALUES (1);
