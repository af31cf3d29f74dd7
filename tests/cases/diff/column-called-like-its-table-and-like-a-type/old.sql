CREATE TABLE integer_t ("integer" integer);
CREATE TABLE t (t integer);
