CREATE TYPE mood AS ENUM ('a');
CREATE TABLE lists (id integer PRIMARY KEY, a integer[], b text[] NOT NULL, c integer[][], d varchar(10)[], e mood[][], f jsonb[3], g uuid[] NOT NULL DEFAULT '{}');
