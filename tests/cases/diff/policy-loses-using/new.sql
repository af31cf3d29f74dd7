CREATE TABLE note (id int, owner text);
CREATE POLICY a ON note FOR UPDATE WITH CHECK (id > 0);
CREATE POLICY b ON note WITH CHECK (id > 0);
