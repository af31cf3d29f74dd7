-- The audit trail cannot be rewritten: rows are added, and go only when the retention job says so.

CREATE FUNCTION audit_logs_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- The retention job says so, for its own transaction: SELECT set_config('app.retention_job', 'on', true). Anybody could,
  -- so this is against mistakes; against intent, the application's role has no UPDATE and no DELETE here.
  IF current_setting('app.retention_job', true) = 'on' THEN
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
  END IF;
  -- A purged user: the foreign key sets user_id to NULL (from within its own trigger, hence the depth), and no more.
  IF TG_OP = 'UPDATE' AND pg_trigger_depth() > 1 AND NEW.user_id IS NULL
     AND to_jsonb(NEW) - 'user_id' = to_jsonb(OLD) - 'user_id' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'audit_logs is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_logs_append_only BEFORE UPDATE OR DELETE ON audit_logs
  FOR EACH ROW EXECUTE FUNCTION audit_logs_append_only();
