CREATE FUNCTION greet(name text, word text) RETURNS text LANGUAGE sql AS $$ SELECT word || name $$;
CREATE VIEW hello AS SELECT greet('x', 'y') AS g;
