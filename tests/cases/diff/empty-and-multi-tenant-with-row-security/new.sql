CREATE SCHEMA auth;
CREATE TABLE auth.tenant (id bigint PRIMARY KEY, name text NOT NULL, plan text NOT NULL DEFAULT 'free');
CREATE TABLE auth.member (tenant_id bigint REFERENCES auth.tenant ON DELETE CASCADE, usr text, role text NOT NULL DEFAULT 'user' CHECK (role IN ('user', 'admin')), PRIMARY KEY (tenant_id, usr));
CREATE FUNCTION auth.tenant_id() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT nullif(current_setting('app.tenant', true), '')::bigint $$;
CREATE FUNCTION auth.is_member(t bigint, needed text DEFAULT NULL) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT EXISTS (SELECT FROM auth.member m WHERE m.tenant_id = t AND m.usr = session_user AND (needed IS NULL OR m.role = needed))
$$;
CREATE TABLE project (id int PRIMARY KEY, tenant_id bigint NOT NULL DEFAULT auth.tenant_id() REFERENCES auth.tenant, name text);
CREATE TABLE task (id int PRIMARY KEY, project_id int REFERENCES project, tenant_id bigint NOT NULL DEFAULT auth.tenant_id(), done boolean NOT NULL DEFAULT false);
ALTER TABLE project ENABLE ROW LEVEL SECURITY;
ALTER TABLE project FORCE ROW LEVEL SECURITY;
ALTER TABLE task ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON project TO app_reader, app_writer USING (tenant_id = auth.tenant_id());
CREATE POLICY members ON project AS RESTRICTIVE USING (auth.is_member(tenant_id));
CREATE POLICY admins_delete ON project AS RESTRICTIVE FOR DELETE USING (auth.is_member(tenant_id, 'admin'));
CREATE POLICY tenant_only ON task TO app_writer USING (tenant_id = auth.tenant_id());
CREATE VIEW open_task WITH (security_barrier) AS SELECT t.id, t.tenant_id, p.name FROM task t JOIN project p ON p.id = t.project_id WHERE NOT t.done;
CREATE INDEX task_tenant ON task (tenant_id, project_id);
GRANT USAGE ON SCHEMA auth TO app_reader, app_writer;
GRANT SELECT ON project, task, open_task TO app_reader;
GRANT ALL ON project, task TO app_writer;
REVOKE ALL ON FUNCTION auth.is_member(bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auth.is_member(bigint, text) TO app_reader, app_writer;
