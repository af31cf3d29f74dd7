CREATE TABLE nothing ();
CREATE TABLE something (a integer);
