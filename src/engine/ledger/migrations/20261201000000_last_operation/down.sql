DROP TABLE last_operation;
ALTER TABLE migration DROP COLUMN command, DROP COLUMN has_up, DROP COLUMN has_down;
