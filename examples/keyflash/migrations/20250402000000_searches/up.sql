CREATE TABLE saved_searches (
  id               TEXT PRIMARY KEY,
  user_id          TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE, -- a deleted user leaves nothing here
  name             TEXT NOT NULL,
  keywords         TEXT[] NOT NULL,
  location         TEXT,
  language         TEXT,
  metadata         JSONB NOT NULL DEFAULT '{}',
  last_accessed_at TIMESTAMPTZ,
  created_at       TIMESTAMPTZ NOT NULL DEFAULT now(),
  updated_at       TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX saved_searches_user_id_created_at_idx       ON saved_searches (user_id, created_at);
CREATE INDEX saved_searches_user_id_last_accessed_at_idx ON saved_searches (user_id, last_accessed_at);

CREATE TABLE search_history (
  id            BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id       TEXT REFERENCES users (id) ON DELETE CASCADE, -- null for anonymous searches
  keywords      TEXT[] NOT NULL,
  provider      TEXT NOT NULL,
  result_count  INTEGER,
  response_time INTEGER NOT NULL, -- milliseconds; averaged by the application
  cache_hit     BOOLEAN NOT NULL DEFAULT false,
  searched_at   TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX search_history_user_id_searched_at_idx ON search_history (user_id, searched_at);
CREATE INDEX search_history_searched_at_idx         ON search_history (searched_at);
CREATE INDEX search_history_provider_idx            ON search_history (provider);
