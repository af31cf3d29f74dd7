CREATE TABLE t (a integer, b integer, c integer);
GRANT SELECT, INSERT ON t TO app_reader;
GRANT SELECT (a), UPDATE (b) ON t TO app_writer WITH GRANT OPTION;
