CREATE EXTENSION citext;
CREATE TABLE usr (id int, email citext CHECK (email LIKE '%@%'));
CREATE UNIQUE INDEX usr_email ON usr (email);
CREATE FUNCTION find(e citext) RETURNS SETOF usr LANGUAGE sql STABLE AS $$ SELECT * FROM usr WHERE email = e $$;
