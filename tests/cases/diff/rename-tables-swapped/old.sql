CREATE TABLE a (id integer, a text);
CREATE TABLE b (id integer, b text);
