CREATE SCHEMA größe;
CREATE TABLE größe."Привет" (id integer, "名前" text);
