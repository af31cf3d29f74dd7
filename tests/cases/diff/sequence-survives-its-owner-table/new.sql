CREATE SEQUENCE s;
CREATE TABLE user_of_s (id integer DEFAULT nextval('s'));
