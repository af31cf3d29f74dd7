-- Each user sees their own rows, and none that are marked as deleted. This holds for the application's role; the tables'
-- owner, as whom sign-in, the purge, seeds and backups run, sees all, because nothing is forced here.

CREATE FUNCTION app_current_user() RETURNS uuid LANGUAGE sql STABLE
  AS $$ SELECT NULLIF(current_setting('app.user_id', true), '')::uuid $$;

ALTER TABLE users ENABLE ROW LEVEL SECURITY;
ALTER TABLE sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE api_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE usage_stats ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_logs ENABLE ROW LEVEL SECURITY;
ALTER TABLE subscription_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE session_files ENABLE ROW LEVEL SECURITY;
ALTER TABLE session_tasks ENABLE ROW LEVEL SECURITY;
ALTER TABLE session_memories ENABLE ROW LEVEL SECURITY;
ALTER TABLE git_snapshots ENABLE ROW LEVEL SECURITY;

CREATE POLICY own_rows ON users USING (id = app_current_user() AND deleted_at IS NULL);
CREATE POLICY own_rows ON sessions USING (user_id = app_current_user() AND deleted_at IS NULL);
CREATE POLICY own_rows ON api_keys USING (user_id = app_current_user());
CREATE POLICY own_rows ON usage_stats USING (user_id = app_current_user());
CREATE POLICY own_rows ON audit_logs USING (user_id = app_current_user());
CREATE POLICY own_rows ON subscription_events USING (user_id = app_current_user());
-- What hangs on a session is seen by who sees the session.
CREATE POLICY own_rows ON session_files USING (session_id IN (SELECT id FROM sessions));
CREATE POLICY own_rows ON session_tasks USING (session_id IN (SELECT id FROM sessions));
CREATE POLICY own_rows ON session_memories USING (session_id IN (SELECT id FROM sessions));
CREATE POLICY own_rows ON git_snapshots USING (session_id IN (SELECT id FROM sessions));

-- An UPDATE must leave a row that its own policy shows, so nobody could mark a row as deleted. These do it as the
-- tables' owner, for the current user's rows only.
CREATE FUNCTION soft_delete_session(session uuid) RETURNS boolean
  LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
  WITH gone AS (
    UPDATE sessions SET deleted_at = now(), updated_at = now()
    WHERE id = session AND user_id = app_current_user() AND deleted_at IS NULL RETURNING 1
  ) SELECT EXISTS (SELECT FROM gone)
$$;
CREATE FUNCTION soft_delete_account() RETURNS boolean
  LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
  WITH gone AS (
    UPDATE users SET deleted_at = now(), updated_at = now()
    WHERE id = app_current_user() AND deleted_at IS NULL RETURNING 1
  ) SELECT EXISTS (SELECT FROM gone)
$$;
