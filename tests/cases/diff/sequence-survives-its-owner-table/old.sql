CREATE TABLE a (id integer);
CREATE SEQUENCE s OWNED BY a.id;
CREATE TABLE user_of_s (id integer DEFAULT nextval('s'));
