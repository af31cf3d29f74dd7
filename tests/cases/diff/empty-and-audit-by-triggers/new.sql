CREATE SCHEMA audit;
CREATE TYPE audit.op AS ENUM ('I', 'U', 'D', 'T');
CREATE TABLE audit.log (id bigserial PRIMARY KEY, tbl regclass NOT NULL, op audit.op NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp(), usr text DEFAULT session_user, before jsonb, after jsonb, txid xid8 DEFAULT pg_current_xact_id());
REVOKE ALL ON audit.log FROM PUBLIC;
CREATE FUNCTION audit.write() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  INSERT INTO audit.log (tbl, op, before, after) VALUES (TG_RELID, left(TG_OP, 1)::audit.op, to_jsonb(OLD) - TG_ARGV, to_jsonb(NEW) - TG_ARGV);
  RETURN NULL;
END $$;
CREATE FUNCTION audit.write_statement() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO audit.log (tbl, op) VALUES (TG_RELID, 'T'); RETURN NULL; END $$;
CREATE TABLE person (id int PRIMARY KEY, name text, password text, pin text);
CREATE TABLE account (id int PRIMARY KEY, person int REFERENCES person, balance numeric(14,2) NOT NULL DEFAULT 0);
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON person FOR EACH ROW EXECUTE FUNCTION audit.write('password', 'pin');
CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE OF balance ON account FOR EACH ROW EXECUTE FUNCTION audit.write();
CREATE TRIGGER audit_truncate AFTER TRUNCATE ON account FOR EACH STATEMENT EXECUTE FUNCTION audit.write_statement();
ALTER TABLE account ENABLE ALWAYS TRIGGER audit;
CREATE VIEW audit.recent AS SELECT id, tbl, op, at, usr FROM audit.log WHERE at > now() - interval '1 day';
CREATE INDEX log_at ON audit.log USING brin (at) WITH (pages_per_range = 32);
CREATE RULE log_fixed AS ON UPDATE TO audit.log DO INSTEAD NOTHING;
GRANT USAGE ON SCHEMA audit TO app_reader;
GRANT SELECT ON audit.recent TO app_reader;
COMMENT ON FUNCTION audit.write() IS 'arguments: columns to hide';
