CREATE SUBSCRIPTION cases_sub CONNECTION 'dbname=nowhere' PUBLICATION p1, p3 WITH (connect = false, slot_name = NONE, enabled = false, binary = true, synchronous_commit = 'remote_apply');
COMMENT ON SUBSCRIPTION cases_sub IS 'from nowhere, in binary';
