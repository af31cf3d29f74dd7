CREATE SCHEMA util;
CREATE TABLE t (id int, touched timestamptz);
CREATE FUNCTION util.set_touched() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.touched := clock_timestamp(); RETURN NEW; END $$;
CREATE TRIGGER touch BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION util.set_touched();
