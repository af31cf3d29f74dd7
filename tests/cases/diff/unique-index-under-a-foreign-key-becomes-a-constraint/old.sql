CREATE TABLE a (id integer NOT NULL);
CREATE UNIQUE INDEX a_id ON a (id);
CREATE TABLE b (a_id integer CONSTRAINT b_to_a REFERENCES a (id));
