CREATE SEQUENCE a_id_seq AS integer;
CREATE TABLE b (id integer DEFAULT nextval('a_id_seq'));
ALTER SEQUENCE a_id_seq OWNED BY b.id;
