CREATE TABLE aaaaaaaaaaaaaaaaaaaaaaaaaa (id integer PRIMARY KEY);
CREATE TABLE bbbbbbbbbbbbbbbbbbbbbbbbb (id integer PRIMARY KEY);
