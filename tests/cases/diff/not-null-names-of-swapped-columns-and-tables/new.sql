CREATE TABLE one (b integer NOT NULL, a text NOT NULL);
CREATE TABLE three (y integer NOT NULL);
CREATE TABLE parent (r integer NOT NULL);
CREATE TABLE child (q integer NOT NULL) INHERITS (parent);
