CREATE TABLE a (id integer, n integer, CONSTRAINT a_pkey PRIMARY KEY (id), CONSTRAINT a_n_check CHECK (n > 0), CONSTRAINT a_n_key UNIQUE (n));
CREATE TABLE b (a_id integer, CONSTRAINT b_a_id_fkey FOREIGN KEY (a_id) REFERENCES a (id));
