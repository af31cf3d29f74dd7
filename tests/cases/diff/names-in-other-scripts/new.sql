CREATE SCHEMA größe;
CREATE TABLE größe."Привет" (id integer PRIMARY KEY, "名前" varchar(20) DEFAULT 'ß€😀' CHECK ("名前" <> '空'), "é" text);
CREATE INDEX "😀" ON größe."Привет" ("名前");
CREATE TYPE größe."цвет" AS ENUM ('красный', '緑');
COMMENT ON COLUMN größe."Привет"."名前" IS E'Имя,\nzwei Zeilen';
