CREATE FOREIGN DATA WRAPPER dummy;
CREATE SERVER far FOREIGN DATA WRAPPER dummy;
CREATE FOREIGN TABLE ft (
  id bigint OPTIONS (column_name 'Id') NOT NULL,
  a text OPTIONS (y '3', z '4') COLLATE "C",
  added date OPTIONS (f 'YYYY') DEFAULT current_date,
  CONSTRAINT ft_check CHECK (id > 1)
) SERVER far OPTIONS (table_name 'far_t2', fetch_size '100');
COMMENT ON FOREIGN TABLE ft IS 'over there';
GRANT SELECT, INSERT ON ft TO app_reader;
