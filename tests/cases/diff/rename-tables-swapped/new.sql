CREATE TABLE b (id integer, a text);
CREATE TABLE a (id integer, b text);
