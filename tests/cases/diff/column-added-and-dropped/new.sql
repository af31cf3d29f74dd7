CREATE TABLE book (id integer PRIMARY KEY, title text NOT NULL, isbn varchar(17), pages smallint DEFAULT 1);
