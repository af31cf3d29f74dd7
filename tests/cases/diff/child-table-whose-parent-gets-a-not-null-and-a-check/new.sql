CREATE TABLE p (id integer NOT NULL, a text CONSTRAINT not_empty CHECK (a <> ''));
CREATE TABLE c (b text, CONSTRAINT b_too CHECK (b <> '')) INHERITS (p);
CREATE TABLE d () INHERITS (c);
