CREATE TABLE member (name text PRIMARY KEY, level integer);
CREATE TABLE note (id integer PRIMARY KEY);
CREATE POLICY seniors ON note USING (EXISTS (SELECT FROM member WHERE member.name = CURRENT_USER AND member.level > 3));
