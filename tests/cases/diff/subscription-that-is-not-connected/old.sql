CREATE SUBSCRIPTION cases_sub CONNECTION 'dbname=nowhere' PUBLICATION p1, p2 WITH (connect = false, slot_name = NONE, enabled = false);
COMMENT ON SUBSCRIPTION cases_sub IS 'from nowhere';
