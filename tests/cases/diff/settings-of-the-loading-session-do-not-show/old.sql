SET IntervalStyle = 'sql_standard'; SET DateStyle = 'German'; SET bytea_output = 'escape';
CREATE TABLE t (i interval DEFAULT '1 day 2 hours', d date DEFAULT '02.01.2024', b bytea DEFAULT '\x00ff', f float DEFAULT 0.1);
