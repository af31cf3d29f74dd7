-- HASH partitions over an enum, whose hash differs in another database.
--- migration
CREATE TYPE mood AS ENUM ('sad', 'fine', 'glad', 'odd');
CREATE TABLE moods (id serial, mood mood, note text) PARTITION BY HASH (mood);
CREATE TABLE moods_0 PARTITION OF moods FOR VALUES WITH (MODULUS 3, REMAINDER 0);
CREATE TABLE moods_1 PARTITION OF moods FOR VALUES WITH (MODULUS 3, REMAINDER 1);
CREATE TABLE moods_2 PARTITION OF moods FOR VALUES WITH (MODULUS 3, REMAINDER 2);
CREATE INDEX ON moods (mood);
INSERT INTO moods (mood, note)
  SELECT (ARRAY['sad', 'fine', 'glad', 'odd']::mood[])[1 + n % 4], 'note ' || n FROM generate_series(1, 40) n;
