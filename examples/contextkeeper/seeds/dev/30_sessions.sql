-- One session with two files, three tasks and three memories.
INSERT INTO sessions AS t (id, user_id, name, project_path, summary, started_at, created_at, updated_at)
VALUES
  ('00000000-0000-4000-8003-000000000001', '00000000-0000-4000-8001-000000000001', 'Parser rewrite', '~/src/parser', 'Replace the hand-written lexer', TIMESTAMPTZ '2025-02-03 08:00:00+00', TIMESTAMPTZ '2025-02-03 08:00:00+00', TIMESTAMPTZ '2025-02-03 08:00:00+00')
ON CONFLICT (id) DO UPDATE
SET user_id = EXCLUDED.user_id, name = EXCLUDED.name, project_path = EXCLUDED.project_path,
    summary = EXCLUDED.summary, started_at = EXCLUDED.started_at, created_at = EXCLUDED.created_at,
    updated_at = EXCLUDED.updated_at
WHERE (t.user_id, t.name, t.project_path, t.summary, t.started_at, t.created_at, t.updated_at)
  IS DISTINCT FROM (EXCLUDED.user_id, EXCLUDED.name, EXCLUDED.project_path, EXCLUDED.summary, EXCLUDED.started_at,
    EXCLUDED.created_at, EXCLUDED.updated_at);

-- The search column is generated.
INSERT INTO session_files AS t (id, session_id, path, language, content, created_at)
VALUES
  ('00000000-0000-4000-8004-000000000001', '00000000-0000-4000-8003-000000000001', 'src/lexer.rs', 'rust',     'pub fn next(&mut self) -> Option<Token> { None } // it''s a stub; for now', TIMESTAMPTZ '2025-02-03 08:01:00+00'),
  ('00000000-0000-4000-8004-000000000002', '00000000-0000-4000-8003-000000000001', 'README.md',    'markdown', '# Parser

Reads what people type; costs $0.
',                              TIMESTAMPTZ '2025-02-03 08:02:00+00')
ON CONFLICT (id) DO UPDATE
SET session_id = EXCLUDED.session_id, path = EXCLUDED.path, language = EXCLUDED.language,
    content = EXCLUDED.content, created_at = EXCLUDED.created_at
WHERE (t.session_id, t.path, t.language, t.content, t.created_at)
  IS DISTINCT FROM (EXCLUDED.session_id, EXCLUDED.path, EXCLUDED.language, EXCLUDED.content, EXCLUDED.created_at);

-- One task in each state.
INSERT INTO session_tasks AS t (id, session_id, title, status, position, created_at, updated_at)
VALUES
  ('00000000-0000-4000-8005-000000000001', '00000000-0000-4000-8003-000000000001', 'Write the grammar',  'done',        0, TIMESTAMPTZ '2025-02-03 08:05:00+00', TIMESTAMPTZ '2025-02-03 08:05:00+00'),
  ('00000000-0000-4000-8005-000000000002', '00000000-0000-4000-8003-000000000001', 'Port the lexer',     'in_progress', 1, TIMESTAMPTZ '2025-02-03 08:05:00+00', TIMESTAMPTZ '2025-02-03 08:05:00+00'),
  ('00000000-0000-4000-8005-000000000003', '00000000-0000-4000-8003-000000000001', 'Delete the old one', 'todo',        2, TIMESTAMPTZ '2025-02-03 08:05:00+00', TIMESTAMPTZ '2025-02-03 08:05:00+00')
ON CONFLICT (id) DO UPDATE
SET session_id = EXCLUDED.session_id, title = EXCLUDED.title, status = EXCLUDED.status,
    position = EXCLUDED.position, created_at = EXCLUDED.created_at, updated_at = EXCLUDED.updated_at
WHERE (t.session_id, t.title, t.status, t.position, t.created_at, t.updated_at)
  IS DISTINCT FROM (EXCLUDED.session_id, EXCLUDED.title, EXCLUDED.status, EXCLUDED.position, EXCLUDED.created_at,
    EXCLUDED.updated_at);

-- What the assistant shall remember.
INSERT INTO session_memories AS t (id, session_id, key, value, created_at, updated_at)
VALUES
  ('00000000-0000-4000-8006-000000000001', '00000000-0000-4000-8003-000000000001', 'style',  'small functions', TIMESTAMPTZ '2025-02-03 08:06:00+00', TIMESTAMPTZ '2025-02-03 08:06:00+00'),
  ('00000000-0000-4000-8006-000000000002', '00000000-0000-4000-8003-000000000001', 'tests',  'cargo test',      TIMESTAMPTZ '2025-02-03 08:06:00+00', TIMESTAMPTZ '2025-02-03 08:06:00+00'),
  ('00000000-0000-4000-8006-000000000003', '00000000-0000-4000-8003-000000000001', 'branch', 'lexer-rewrite',   TIMESTAMPTZ '2025-02-03 08:06:00+00', TIMESTAMPTZ '2025-02-03 08:06:00+00')
ON CONFLICT (id) DO UPDATE
SET session_id = EXCLUDED.session_id, key = EXCLUDED.key, value = EXCLUDED.value, created_at = EXCLUDED.created_at,
    updated_at = EXCLUDED.updated_at
WHERE (t.session_id, t.key, t.value, t.created_at, t.updated_at)
  IS DISTINCT FROM (EXCLUDED.session_id, EXCLUDED.key, EXCLUDED.value, EXCLUDED.created_at, EXCLUDED.updated_at);
