CREATE TYPE mood AS ENUM ('awful', 'sad', 'fine', 'happy', 'blissful');
CREATE TABLE t (id integer PRIMARY KEY, m mood DEFAULT 'fine', CONSTRAINT not_awful CHECK (m <> 'awful'::mood), n mood GENERATED ALWAYS AS ('blissful'::mood) STORED);
CREATE INDEX t_blissful ON t (id) WHERE m = 'blissful'::mood;
