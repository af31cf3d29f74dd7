CREATE TABLE nothing (a integer);
CREATE TABLE something ();
CREATE TABLE void ();
