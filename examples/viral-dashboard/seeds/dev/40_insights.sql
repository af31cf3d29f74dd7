-- Five insights, in one statement as an application would write a batch.
INSERT INTO reflexion_insights AS t (id, tenant_id, pattern, evidence, score, discovered_at)
VALUES
  ('00000000-0000-4000-8004-000000000001', '00000000-0000-4000-8001-000000000001', 'questions in the first second', '{"samples": 10}', 60.50, TIMESTAMPTZ '2025-03-04 08:00:00+00'),
  ('00000000-0000-4000-8004-000000000002', '00000000-0000-4000-8001-000000000002', 'captions under 80 letters',     '{"samples": 11}', 65.50, TIMESTAMPTZ '2025-03-04 08:00:00+00'),
  ('00000000-0000-4000-8004-000000000003', '00000000-0000-4000-8001-000000000001', 'posts before 9 o''clock',       '{"samples": 12}', 70.50, TIMESTAMPTZ '2025-03-04 08:00:00+00'),
  ('00000000-0000-4000-8004-000000000004', '00000000-0000-4000-8001-000000000002', 'a face in the thumbnail',       '{"samples": 13}', 75.50, TIMESTAMPTZ '2025-03-04 08:00:00+00'),
  ('00000000-0000-4000-8004-000000000005', '00000000-0000-4000-8001-000000000001', 'series of three',               '{"samples": 14}', 80.50, TIMESTAMPTZ '2025-03-04 08:00:00+00')
ON CONFLICT (id) DO UPDATE
SET tenant_id = EXCLUDED.tenant_id, pattern = EXCLUDED.pattern, evidence = EXCLUDED.evidence,
    score = EXCLUDED.score, discovered_at = EXCLUDED.discovered_at
WHERE (t.tenant_id, t.pattern, t.evidence, t.score, t.discovered_at)
  IS DISTINCT FROM (EXCLUDED.tenant_id, EXCLUDED.pattern, EXCLUDED.evidence, EXCLUDED.score, EXCLUDED.discovered_at);
