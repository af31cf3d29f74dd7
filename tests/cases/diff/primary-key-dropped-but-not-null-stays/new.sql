CREATE TABLE stays (id integer NOT NULL);
CREATE TABLE goes (id integer);
