CREATE TABLE book (id integer PRIMARY KEY, code uuid DEFAULT gen_random_uuid() NOT NULL);
