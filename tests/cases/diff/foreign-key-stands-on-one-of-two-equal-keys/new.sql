CREATE TABLE a (id integer NOT NULL);
ALTER TABLE a ADD CONSTRAINT a_second UNIQUE (id);
CREATE TABLE b (a_id integer REFERENCES a (id));
