CREATE TABLE a (x integer NOT NULL, y integer NOT NULL, CONSTRAINT a_xy UNIQUE (x, y));
CREATE TABLE b (x integer, y integer, CONSTRAINT f FOREIGN KEY (x, y) REFERENCES a (x, y) DEFERRABLE);
COMMENT ON CONSTRAINT f ON b IS 'both';
