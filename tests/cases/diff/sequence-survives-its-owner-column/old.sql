CREATE TABLE a (id integer, old_number integer);
CREATE SEQUENCE s OWNED BY a.old_number;
ALTER TABLE a ALTER id SET DEFAULT nextval('s');
