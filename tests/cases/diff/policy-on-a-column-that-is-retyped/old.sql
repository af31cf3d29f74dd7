CREATE TABLE doc (id int, tenant int);
CREATE TABLE member (tenant int, usr text);
ALTER TABLE doc ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON doc TO app_reader USING (tenant IN (SELECT m.tenant FROM member m WHERE m.usr = current_user));
COMMENT ON POLICY own ON doc IS 'by tenant';
