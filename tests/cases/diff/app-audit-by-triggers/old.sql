CREATE SCHEMA audit;
CREATE TABLE audit.log (id bigserial PRIMARY KEY, tbl text NOT NULL, op char(1) NOT NULL, at timestamptz DEFAULT now(), usr text DEFAULT current_user, before jsonb, after jsonb);
REVOKE ALL ON audit.log FROM PUBLIC;
CREATE FUNCTION audit.write() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  INSERT INTO audit.log (tbl, op, before, after) VALUES (TG_TABLE_NAME, left(TG_OP, 1), to_jsonb(OLD), to_jsonb(NEW));
  RETURN NULL;
END $$;
CREATE TABLE person (id int PRIMARY KEY, name text, password text);
CREATE TABLE account (id int PRIMARY KEY, person int REFERENCES person, balance numeric NOT NULL DEFAULT 0);
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON person FOR EACH ROW EXECUTE FUNCTION audit.write('password');
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON account FOR EACH ROW EXECUTE FUNCTION audit.write();
CREATE VIEW audit.recent AS SELECT * FROM audit.log WHERE at > now() - interval '1 day';
CREATE INDEX log_at ON audit.log USING brin (at);
GRANT USAGE ON SCHEMA audit TO app_reader;
GRANT SELECT ON audit.recent TO app_reader;
COMMENT ON FUNCTION audit.write() IS 'arguments: columns to hide';
