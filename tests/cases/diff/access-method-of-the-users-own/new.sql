CREATE ACCESS METHOD heap_two TYPE TABLE HANDLER heap_tableam_handler;
COMMENT ON ACCESS METHOD heap_two IS 'heap again';
CREATE TABLE t (id int);
CREATE TABLE u (id int) USING heap_two;
CREATE MATERIALIZED VIEW mu USING heap_two AS SELECT id FROM u;
