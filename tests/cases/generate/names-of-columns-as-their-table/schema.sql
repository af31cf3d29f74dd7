CREATE TABLE users (users integer PRIMARY KEY, u integer);
CREATE TABLE "a-q" (id integer PRIMARY KEY, "a-q" integer, a_q integer);
CREATE TABLE type (type_ integer PRIMARY KEY, "type" integer);
CREATE TABLE id (id integer PRIMARY KEY);
CREATE TABLE "Cased" (cased integer, "Cased" integer, PRIMARY KEY ("Cased", cased));
CREATE TABLE refs (id integer PRIMARY KEY, "type" integer REFERENCES type, users integer REFERENCES users);
