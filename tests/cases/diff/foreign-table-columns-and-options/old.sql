CREATE FOREIGN DATA WRAPPER dummy;
CREATE SERVER far FOREIGN DATA WRAPPER dummy;
CREATE FOREIGN TABLE ft (
  id int OPTIONS (column_name 'ID') NOT NULL,
  a text OPTIONS (x '1', y '2') COLLATE "C" DEFAULT 'n',
  gone int,
  CONSTRAINT ft_check CHECK (id > 0)
) SERVER far OPTIONS (table_name 'far_t', schema_name 's');
COMMENT ON FOREIGN TABLE ft IS 'over there';
GRANT SELECT ON ft TO app_reader;
