CREATE SUBSCRIPTION cases_two_phase CONNECTION 'dbname=nowhere' PUBLICATION p WITH (connect = false, slot_name = 'a', enabled = false);
