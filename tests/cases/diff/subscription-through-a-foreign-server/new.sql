CREATE EXTENSION postgres_fdw;
CREATE SERVER one FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'one.invalid', dbname 'x');
CREATE SERVER "Two" FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'two.invalid', dbname 'x');
CREATE USER MAPPING FOR CURRENT_USER SERVER one OPTIONS (user 'u');
CREATE USER MAPPING FOR CURRENT_USER SERVER "Two" OPTIONS (user 'u');
CREATE SUBSCRIPTION nineteen_a SERVER "Two" PUBLICATION p
    WITH (connect = false, slot_name = NONE, wal_receiver_timeout = '5s', max_retention_duration = 7);
CREATE SUBSCRIPTION nineteen_b SERVER one PUBLICATION p, q WITH (connect = false, slot_name = NONE);
