CREATE TABLE a (name text, age integer, extra text);
