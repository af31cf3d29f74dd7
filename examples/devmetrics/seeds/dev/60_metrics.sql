-- Two days of each person.
-- Ids below zero are for seeds: the identity never gives them out, so an application's rows never meet them.
INSERT INTO developer_metrics AS t (id, user_id, organization_id, date, commits, prs_opened, prs_reviewed,
  avg_review_mins)
OVERRIDING SYSTEM VALUE
VALUES
  (-1, 'seed_user_alice',   'seed_org_techcorp', DATE '2025-11-05', 2, 1, 0, NULL),
  (-2, 'seed_user_alice',   'seed_org_techcorp', DATE '2025-11-06', 2, 1, 1, 42.50),
  (-3, 'seed_user_bob',     'seed_org_startup',  DATE '2025-11-05', 3, 1, 0, NULL),
  (-4, 'seed_user_bob',     'seed_org_startup',  DATE '2025-11-06', 3, 1, 1, 42.50),
  (-5, 'seed_user_charlie', 'seed_org_techcorp', DATE '2025-11-05', 4, 1, 0, NULL),
  (-6, 'seed_user_charlie', 'seed_org_techcorp', DATE '2025-11-06', 4, 1, 1, 42.50)
ON CONFLICT (id) DO UPDATE
SET user_id = EXCLUDED.user_id, organization_id = EXCLUDED.organization_id, date = EXCLUDED.date,
    commits = EXCLUDED.commits, prs_opened = EXCLUDED.prs_opened, prs_reviewed = EXCLUDED.prs_reviewed,
    avg_review_mins = EXCLUDED.avg_review_mins
WHERE (t.user_id, t.organization_id, t.date, t.commits, t.prs_opened, t.prs_reviewed, t.avg_review_mins)
  IS DISTINCT FROM (EXCLUDED.user_id, EXCLUDED.organization_id, EXCLUDED.date, EXCLUDED.commits, EXCLUDED.prs_opened,
    EXCLUDED.prs_reviewed, EXCLUDED.avg_review_mins);

-- Two days of each organization.
INSERT INTO team_metrics AS t (id, organization_id, date, active_devs, deploys, lead_time_mins)
OVERRIDING SYSTEM VALUE
VALUES
  (-1, 'seed_org_techcorp', DATE '2025-11-05', 3, 0, 95.25),
  (-2, 'seed_org_techcorp', DATE '2025-11-06', 3, 1, 95.25),
  (-3, 'seed_org_startup',  DATE '2025-11-05', 2, 0, 95.25),
  (-4, 'seed_org_startup',  DATE '2025-11-06', 2, 1, 95.25),
  (-5, 'seed_org_personal', DATE '2025-11-05', 1, 0, 95.25),
  (-6, 'seed_org_personal', DATE '2025-11-06', 1, 1, 95.25)
ON CONFLICT (id) DO UPDATE
SET organization_id = EXCLUDED.organization_id, date = EXCLUDED.date, active_devs = EXCLUDED.active_devs,
    deploys = EXCLUDED.deploys, lead_time_mins = EXCLUDED.lead_time_mins
WHERE (t.organization_id, t.date, t.active_devs, t.deploys, t.lead_time_mins)
  IS DISTINCT FROM (EXCLUDED.organization_id, EXCLUDED.date, EXCLUDED.active_devs, EXCLUDED.deploys,
    EXCLUDED.lead_time_mins);

-- One review for each of three risks.
INSERT INTO ai_reviews AS t (id, pull_request_id, model, risk_score, risk, summary, findings, created_at)
VALUES
  ('seed_review_low',    -1, 'reviewer-1', 15, 'LOW',    'Small and tested',           '[]',                                       TIMESTAMPTZ '2025-11-05 09:30:00+00'),
  ('seed_review_medium', -3, 'reviewer-1', 55, 'MEDIUM', 'The cache is never emptied', '[{"line": 12, "text": "unbounded"}]',      TIMESTAMPTZ '2025-11-05 09:40:00+00'),
  ('seed_review_high',   -6, 'reviewer-1', 85, 'HIGH',   'A token is logged',          '[{"line": 3, "text": "secret in a log"}]', TIMESTAMPTZ '2025-11-06 09:30:00+00')
ON CONFLICT (id) DO UPDATE
SET pull_request_id = EXCLUDED.pull_request_id, model = EXCLUDED.model, risk_score = EXCLUDED.risk_score,
    risk = EXCLUDED.risk, summary = EXCLUDED.summary, findings = EXCLUDED.findings, created_at = EXCLUDED.created_at
WHERE (t.pull_request_id, t.model, t.risk_score, t.risk, t.summary, t.findings, t.created_at)
  IS DISTINCT FROM (EXCLUDED.pull_request_id, EXCLUDED.model, EXCLUDED.risk_score, EXCLUDED.risk, EXCLUDED.summary,
    EXCLUDED.findings, EXCLUDED.created_at);
