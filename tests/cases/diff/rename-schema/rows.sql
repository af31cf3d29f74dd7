INSERT INTO shop.item (label) VALUES ('pen');
