CREATE TABLE t (id serial, n int GENERATED ALWAYS AS IDENTITY);
GRANT SELECT ON SEQUENCE t_id_seq TO app_writer;
GRANT USAGE ON SEQUENCE t_n_seq TO app_reader;
COMMENT ON SEQUENCE t_n_seq IS 'numbers';
