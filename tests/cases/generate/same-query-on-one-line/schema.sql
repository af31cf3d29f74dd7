CREATE TABLE aaaaaaaaaaaaaaaaaaaaaaaaaa (id integer PRIMARY KEY);
CREATE TABLE bbbbbbbbbbbbbbbbbbbbbbbb (id integer PRIMARY KEY);
