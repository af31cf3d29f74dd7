CREATE TABLE other (id integer);
CREATE SEQUENCE numbers;
CREATE TABLE t (id integer PRIMARY KEY, source regclass DEFAULT 'other'::regclass, late bigint DEFAULT nextval('numbers'::text::regclass), CONSTRAINT known CHECK (source <> 'numbers'::regclass));
CREATE VIEW v AS SELECT last_value, 'other'::regclass AS o FROM numbers;
