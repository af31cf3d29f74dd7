CREATE TABLE node (id bigint PRIMARY KEY, parent bigint REFERENCES node ON DELETE CASCADE, boss bigint CONSTRAINT not_self CHECK (boss <> id));
CREATE TABLE tree (id integer PRIMARY KEY, up integer NOT NULL REFERENCES tree);
