CREATE TABLE note (id int, owner text);
CREATE POLICY a ON note FOR UPDATE USING (true) WITH CHECK (id > 0);
CREATE POLICY b ON note USING (id > 0);
