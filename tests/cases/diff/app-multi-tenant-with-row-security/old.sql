CREATE SCHEMA auth;
CREATE TABLE auth.tenant (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE auth.member (tenant_id int REFERENCES auth.tenant, usr text, role text NOT NULL DEFAULT 'user', PRIMARY KEY (tenant_id, usr));
CREATE FUNCTION auth.tenant_id() RETURNS int LANGUAGE sql STABLE AS $$ SELECT nullif(current_setting('app.tenant', true), '')::int $$;
CREATE FUNCTION auth.is_member(t int) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT EXISTS (SELECT FROM auth.member m WHERE m.tenant_id = t AND m.usr = session_user)
$$;
CREATE TABLE project (id int PRIMARY KEY, tenant_id int NOT NULL DEFAULT auth.tenant_id() REFERENCES auth.tenant, name text);
CREATE TABLE task (id int PRIMARY KEY, project_id int REFERENCES project, tenant_id int NOT NULL DEFAULT auth.tenant_id(), done boolean NOT NULL DEFAULT false);
ALTER TABLE project ENABLE ROW LEVEL SECURITY;
ALTER TABLE task ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON project TO app_reader, app_writer USING (tenant_id = auth.tenant_id());
CREATE POLICY members ON project AS RESTRICTIVE USING (auth.is_member(tenant_id));
CREATE POLICY tenant_only ON task TO app_writer USING (tenant_id = auth.tenant_id()) WITH CHECK (tenant_id = auth.tenant_id() AND NOT done);
CREATE VIEW open_task WITH (security_barrier) AS SELECT t.id, t.tenant_id, p.name FROM task t JOIN project p ON p.id = t.project_id WHERE NOT t.done;
CREATE INDEX task_tenant ON task (tenant_id, project_id);
GRANT USAGE ON SCHEMA auth TO app_reader, app_writer;
GRANT SELECT ON project, task, open_task TO app_reader;
GRANT ALL ON project, task TO app_writer;
REVOKE ALL ON FUNCTION auth.is_member(int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auth.is_member(int) TO app_reader, app_writer;
