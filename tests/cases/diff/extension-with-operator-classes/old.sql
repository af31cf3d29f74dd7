CREATE TABLE room (id int, name text, during tsrange);
