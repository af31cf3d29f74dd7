CREATE FOREIGN DATA WRAPPER dummy OPTIONS (debug 'false', kept '1', "New One" 'it''s \ "x"');
CREATE SERVER far VERSION '2.0' FOREIGN DATA WRAPPER dummy OPTIONS (host 'b.example', port '1', added 'y=z,w');
CREATE USER MAPPING FOR app_reader SERVER far OPTIONS (user 'r2', extra '1');
CREATE USER MAPPING FOR "App Admin" SERVER far;
COMMENT ON SERVER far IS 'farther away';
COMMENT ON FOREIGN DATA WRAPPER dummy IS 'no handler';
GRANT USAGE ON FOREIGN SERVER far TO app_reader WITH GRANT OPTION;
