CREATE EXTENSION postgres_fdw;
CREATE SERVER one FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'one.invalid', dbname 'x');
CREATE SERVER "Two" FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'two.invalid', dbname 'x');
CREATE USER MAPPING FOR CURRENT_USER SERVER one OPTIONS (user 'u');
CREATE USER MAPPING FOR CURRENT_USER SERVER "Two" OPTIONS (user 'u');
CREATE SUBSCRIPTION nineteen_a SERVER one PUBLICATION p WITH (connect = false, slot_name = NONE);
