CREATE SUBSCRIPTION cases_failover CONNECTION 'dbname=nowhere' PUBLICATION p WITH (connect = false, slot_name = 'a', enabled = false);
