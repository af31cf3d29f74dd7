CREATE TYPE mood AS ENUM ('sad', 'happy', 'odd');
CREATE TABLE t (id integer PRIMARY KEY, m mood);
