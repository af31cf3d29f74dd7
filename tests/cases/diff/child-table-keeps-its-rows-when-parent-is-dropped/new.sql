CREATE TABLE dog (id integer, name text, breed text);
