-- Tables refer to each other and to themselves, with keys that are deferred and that only MATCH FULL.
--- migration
CREATE TABLE chickens (id serial PRIMARY KEY, egg int);
CREATE TABLE eggs (id serial PRIMARY KEY, chicken int REFERENCES chickens DEFERRABLE INITIALLY DEFERRED);
ALTER TABLE chickens ADD FOREIGN KEY (egg) REFERENCES eggs ON DELETE SET NULL;
INSERT INTO eggs (chicken) VALUES (1), (2); INSERT INTO chickens (egg) VALUES (1), (2);
CREATE TABLE tree (id serial PRIMARY KEY, parent int REFERENCES tree ON DELETE CASCADE, a int, b int, UNIQUE (a, b),
  FOREIGN KEY (a, b) REFERENCES tree (a, b) MATCH FULL);
INSERT INTO tree (parent, a, b) VALUES (NULL, 1, 1), (1, NULL, NULL), (2, 2, 2);
