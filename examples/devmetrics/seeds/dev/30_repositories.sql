-- One repository for each organization, each in another language.
INSERT INTO repositories AS t (id, organization_id, github_repo_id, full_name, language, sensitivity, created_at,
  updated_at)
VALUES
  ('seed_repo_web',       'seed_org_techcorp', 2001, 'techcorp/web',       'TypeScript', 'CONFIDENTIAL', TIMESTAMPTZ '2025-11-04 22:30:00+00', TIMESTAMPTZ '2025-11-04 22:30:00+00'),
  ('seed_repo_engine',    'seed_org_startup',  2002, 'startup-inc/engine', 'Rust',       'INTERNAL',     TIMESTAMPTZ '2025-11-04 22:30:00+00', TIMESTAMPTZ '2025-11-04 22:30:00+00'),
  ('seed_repo_notebooks', 'seed_org_personal', 2003, 'alice/notebooks',    'Python',     'PUBLIC',       TIMESTAMPTZ '2025-11-04 22:30:00+00', TIMESTAMPTZ '2025-11-04 22:30:00+00')
ON CONFLICT (id) DO UPDATE
SET organization_id = EXCLUDED.organization_id, github_repo_id = EXCLUDED.github_repo_id,
    full_name = EXCLUDED.full_name, language = EXCLUDED.language, sensitivity = EXCLUDED.sensitivity,
    created_at = EXCLUDED.created_at, updated_at = EXCLUDED.updated_at
WHERE (t.organization_id, t.github_repo_id, t.full_name, t.language, t.sensitivity, t.created_at, t.updated_at)
  IS DISTINCT FROM (EXCLUDED.organization_id, EXCLUDED.github_repo_id, EXCLUDED.full_name, EXCLUDED.language,
    EXCLUDED.sensitivity, EXCLUDED.created_at, EXCLUDED.updated_at);

-- Two days of figures.
-- Ids below zero are for seeds: the identity never gives them out, so an application's rows never meet them.
INSERT INTO repository_stats AS t (id, repo_id, date, commits_count, prs_opened, prs_merged, issues_opened,
  additions, deletions)
OVERRIDING SYSTEM VALUE
VALUES
  (-1, 'seed_repo_web',       DATE '2025-11-05', 2, 1, 0, 1, 40,  10),
  (-2, 'seed_repo_web',       DATE '2025-11-06', 2, 1, 1, 0, 40,  20),
  (-3, 'seed_repo_engine',    DATE '2025-11-05', 2, 1, 0, 1, 80,  10),
  (-4, 'seed_repo_engine',    DATE '2025-11-06', 2, 1, 1, 0, 80,  20),
  (-5, 'seed_repo_notebooks', DATE '2025-11-05', 2, 1, 0, 1, 120, 10),
  (-6, 'seed_repo_notebooks', DATE '2025-11-06', 2, 1, 1, 0, 120, 20)
ON CONFLICT (id) DO UPDATE
SET repo_id = EXCLUDED.repo_id, date = EXCLUDED.date, commits_count = EXCLUDED.commits_count,
    prs_opened = EXCLUDED.prs_opened, prs_merged = EXCLUDED.prs_merged, issues_opened = EXCLUDED.issues_opened,
    additions = EXCLUDED.additions, deletions = EXCLUDED.deletions
WHERE (t.repo_id, t.date, t.commits_count, t.prs_opened, t.prs_merged, t.issues_opened, t.additions, t.deletions)
  IS DISTINCT FROM (EXCLUDED.repo_id, EXCLUDED.date, EXCLUDED.commits_count, EXCLUDED.prs_opened, EXCLUDED.prs_merged,
    EXCLUDED.issues_opened, EXCLUDED.additions, EXCLUDED.deletions);
