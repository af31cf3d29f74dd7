CREATE TABLE a (id integer NOT NULL);
CREATE UNIQUE INDEX a_first ON a (id);
ALTER TABLE a ADD CONSTRAINT a_second UNIQUE (id);
CREATE TABLE b (a_id integer REFERENCES a (id));
