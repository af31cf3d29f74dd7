CREATE TABLE one (a integer NOT NULL, b text NOT NULL);
CREATE TABLE two (x integer NOT NULL);
CREATE TABLE parent (p integer NOT NULL);
CREATE TABLE child (q integer NOT NULL) INHERITS (parent);
