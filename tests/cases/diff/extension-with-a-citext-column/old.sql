CREATE TABLE usr (id int, email text);
CREATE INDEX usr_email ON usr (lower(email));
