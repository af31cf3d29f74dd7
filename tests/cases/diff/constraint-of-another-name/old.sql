CREATE TABLE a (id integer, n integer, CONSTRAINT a_key PRIMARY KEY (id), CONSTRAINT a_check CHECK (n > 0), CONSTRAINT a_once UNIQUE (n));
CREATE TABLE b (a_id integer, CONSTRAINT b_fkey FOREIGN KEY (a_id) REFERENCES a (id));
