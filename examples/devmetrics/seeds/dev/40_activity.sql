-- Four commits for each repository.
-- Ids below zero are for seeds: the identity never gives them out, so an application's rows never meet them.
INSERT INTO commits AS t (id, repo_id, sha, author_id, message, additions, deletions, committed_at)
OVERRIDING SYSTEM VALUE
VALUES
  (-1,  'seed_repo_web',       'fb96549631c835eb239cd614cc6b5cb7d295121a', 'seed_user_alice',   'Add the first page',    10, 0, TIMESTAMPTZ '2025-11-05 10:00:00+00'),
  (-2,  'seed_repo_web',       'ddfe163345d338193ac2bdc183f8e9dcff904b43', 'seed_user_bob',     'Handle empty input',    20, 3, TIMESTAMPTZ '2025-11-05 11:00:00+00'),
  (-3,  'seed_repo_web',       'bcac9d1d8eab3713ae489224d0130c9468e7a0e3', 'seed_user_charlie', 'Make the tests faster', 30, 6, TIMESTAMPTZ '2025-11-06 12:00:00+00'),
  (-4,  'seed_repo_web',       '3ea6c91e241f256e5e3a88ebd647372022323a53', 'seed_user_alice',   'Fix a typo',            40, 9, TIMESTAMPTZ '2025-11-06 13:00:00+00'),
  (-5,  'seed_repo_engine',    'b1d5781111d84f7b3fe45a0852e59758cd7a87e5', 'seed_user_bob',     'Add the first page',    10, 0, TIMESTAMPTZ '2025-11-05 10:00:00+00'),
  (-6,  'seed_repo_engine',    '17ba0791499db908433b80f37c5fbc89b870084b', 'seed_user_charlie', 'Handle empty input',    20, 3, TIMESTAMPTZ '2025-11-05 11:00:00+00'),
  (-7,  'seed_repo_engine',    '7b52009b64fd0a2a49e6d8a939753077792b0554', 'seed_user_alice',   'Make the tests faster', 30, 6, TIMESTAMPTZ '2025-11-06 12:00:00+00'),
  (-8,  'seed_repo_engine',    'bd307a3ec329e10a2cff8fb87480823da114f8f4', 'seed_user_bob',     'Fix a typo',            40, 9, TIMESTAMPTZ '2025-11-06 13:00:00+00'),
  (-9,  'seed_repo_notebooks', '91032ad7bbcb6cf72875e8e8207dcfba80173f7c', 'seed_user_charlie', 'Add the first page',    10, 0, TIMESTAMPTZ '2025-11-05 10:00:00+00'),
  (-10, 'seed_repo_notebooks', '472b07b9fcf2c2451e8781e944bf5f77cd8457c8', 'seed_user_alice',   'Handle empty input',    20, 3, TIMESTAMPTZ '2025-11-05 11:00:00+00'),
  (-11, 'seed_repo_notebooks', '12c6fc06c99a462375eeb3f43dfd832b08ca9e17', 'seed_user_bob',     'Make the tests faster', 30, 6, TIMESTAMPTZ '2025-11-06 12:00:00+00'),
  (-12, 'seed_repo_notebooks', 'd435a6cdd786300dff204ee7c2ef942d3e9034e2', 'seed_user_charlie', 'Fix a typo',            40, 9, TIMESTAMPTZ '2025-11-06 13:00:00+00')
ON CONFLICT (id) DO UPDATE
SET repo_id = EXCLUDED.repo_id, sha = EXCLUDED.sha, author_id = EXCLUDED.author_id, message = EXCLUDED.message,
    additions = EXCLUDED.additions, deletions = EXCLUDED.deletions, committed_at = EXCLUDED.committed_at
WHERE (t.repo_id, t.sha, t.author_id, t.message, t.additions, t.deletions, t.committed_at)
  IS DISTINCT FROM (EXCLUDED.repo_id, EXCLUDED.sha, EXCLUDED.author_id, EXCLUDED.message, EXCLUDED.additions,
    EXCLUDED.deletions, EXCLUDED.committed_at);

-- Two pull requests for each repository, one of them merged.
INSERT INTO pull_requests AS t (id, repo_id, number, author_id, title, state, opened_at, merged_at, closed_at)
OVERRIDING SYSTEM VALUE
VALUES
  (-1, 'seed_repo_web',       1, 'seed_user_alice',   'Add search',    'merged', TIMESTAMPTZ '2025-11-05 09:00:00+00', TIMESTAMPTZ '2025-11-06 16:00:00+00', TIMESTAMPTZ '2025-11-06 16:00:00+00'),
  (-2, 'seed_repo_web',       2, 'seed_user_bob',     'Cache results', 'open',   TIMESTAMPTZ '2025-11-06 09:00:00+00', NULL,                                 NULL),
  (-3, 'seed_repo_engine',    1, 'seed_user_bob',     'Add search',    'merged', TIMESTAMPTZ '2025-11-05 09:00:00+00', TIMESTAMPTZ '2025-11-06 16:00:00+00', TIMESTAMPTZ '2025-11-06 16:00:00+00'),
  (-4, 'seed_repo_engine',    2, 'seed_user_charlie', 'Cache results', 'open',   TIMESTAMPTZ '2025-11-06 09:00:00+00', NULL,                                 NULL),
  (-5, 'seed_repo_notebooks', 1, 'seed_user_charlie', 'Add search',    'merged', TIMESTAMPTZ '2025-11-05 09:00:00+00', TIMESTAMPTZ '2025-11-06 16:00:00+00', TIMESTAMPTZ '2025-11-06 16:00:00+00'),
  (-6, 'seed_repo_notebooks', 2, 'seed_user_alice',   'Cache results', 'open',   TIMESTAMPTZ '2025-11-06 09:00:00+00', NULL,                                 NULL)
ON CONFLICT (id) DO UPDATE
SET repo_id = EXCLUDED.repo_id, number = EXCLUDED.number, author_id = EXCLUDED.author_id, title = EXCLUDED.title,
    state = EXCLUDED.state, opened_at = EXCLUDED.opened_at, merged_at = EXCLUDED.merged_at,
    closed_at = EXCLUDED.closed_at
WHERE (t.repo_id, t.number, t.author_id, t.title, t.state, t.opened_at, t.merged_at, t.closed_at)
  IS DISTINCT FROM (EXCLUDED.repo_id, EXCLUDED.number, EXCLUDED.author_id, EXCLUDED.title, EXCLUDED.state,
    EXCLUDED.opened_at, EXCLUDED.merged_at, EXCLUDED.closed_at);

-- One issue for each repository.
INSERT INTO issues AS t (id, repo_id, number, author_id, title, state, labels, opened_at)
OVERRIDING SYSTEM VALUE
VALUES
  (-1, 'seed_repo_web',       3, 'seed_user_bob',     'It is slow', 'open', ARRAY['bug', 'performance'], TIMESTAMPTZ '2025-11-05 12:00:00+00'),
  (-2, 'seed_repo_engine',    3, 'seed_user_charlie', 'It is slow', 'open', ARRAY['bug', 'performance'], TIMESTAMPTZ '2025-11-05 12:00:00+00'),
  (-3, 'seed_repo_notebooks', 3, 'seed_user_alice',   'It is slow', 'open', ARRAY['bug', 'performance'], TIMESTAMPTZ '2025-11-05 12:00:00+00')
ON CONFLICT (id) DO UPDATE
SET repo_id = EXCLUDED.repo_id, number = EXCLUDED.number, author_id = EXCLUDED.author_id, title = EXCLUDED.title,
    state = EXCLUDED.state, labels = EXCLUDED.labels, opened_at = EXCLUDED.opened_at
WHERE (t.repo_id, t.number, t.author_id, t.title, t.state, t.labels, t.opened_at)
  IS DISTINCT FROM (EXCLUDED.repo_id, EXCLUDED.number, EXCLUDED.author_id, EXCLUDED.title, EXCLUDED.state,
    EXCLUDED.labels, EXCLUDED.opened_at);
