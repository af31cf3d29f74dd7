CREATE SUBSCRIPTION cases_slotless CONNECTION 'dbname=nowhere' PUBLICATION p WITH (connect = false, slot_name = NONE, enabled = false, two_phase = true);
