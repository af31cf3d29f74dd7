CREATE DOMAIN short AS varchar(5);
CREATE TABLE texts (id char(3) PRIMARY KEY, a varchar(1), b varchar, c char, d bpchar, e bit, f bit(9), g varbit, h varbit(2), i short, j short[], k varchar(10485760), l text, m numeric(5));
