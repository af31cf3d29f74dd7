CREATE SUBSCRIPTION cases_two_phase CONNECTION 'dbname=nowhere' PUBLICATION p, q WITH (connect = false, slot_name = 'a', enabled = false, two_phase = true);
