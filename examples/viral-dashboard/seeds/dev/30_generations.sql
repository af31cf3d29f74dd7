-- Three batches for each tenant.
INSERT INTO generations AS t (id, tenant_id, user_id, date, concepts, status, created_at)
VALUES
  ('00000000-0000-4000-8003-000000000001', '00000000-0000-4000-8001-000000000001', '00000000-0000-4000-8002-000000000001', DATE '2025-03-01', '[{"id": "c1", "title": "It''s a hook; 1"}]', 'posted',   TIMESTAMPTZ '2025-03-01 10:00:00+00'),
  ('00000000-0000-4000-8003-000000000002', '00000000-0000-4000-8001-000000000001', '00000000-0000-4000-8002-000000000001', DATE '2025-03-02', '[{"id": "c2", "title": "It''s a hook; 2"}]', 'approved', TIMESTAMPTZ '2025-03-02 10:00:00+00'),
  ('00000000-0000-4000-8003-000000000003', '00000000-0000-4000-8001-000000000001', '00000000-0000-4000-8002-000000000001', DATE '2025-03-03', '[{"id": "c3", "title": "It''s a hook; 3"}]', 'draft',    TIMESTAMPTZ '2025-03-03 10:00:00+00'),
  ('00000000-0000-4000-8003-000000000004', '00000000-0000-4000-8001-000000000002', '00000000-0000-4000-8002-000000000003', DATE '2025-03-01', '[{"id": "c4", "title": "It''s a hook; 4"}]', 'posted',   TIMESTAMPTZ '2025-03-01 10:00:00+00'),
  ('00000000-0000-4000-8003-000000000005', '00000000-0000-4000-8001-000000000002', '00000000-0000-4000-8002-000000000003', DATE '2025-03-02', '[{"id": "c5", "title": "It''s a hook; 5"}]', 'approved', TIMESTAMPTZ '2025-03-02 10:00:00+00'),
  ('00000000-0000-4000-8003-000000000006', '00000000-0000-4000-8001-000000000002', '00000000-0000-4000-8002-000000000003', DATE '2025-03-03', '[{"id": "c6", "title": "It''s a hook; 6"}]', 'draft',    TIMESTAMPTZ '2025-03-03 10:00:00+00')
ON CONFLICT (id) DO UPDATE
SET tenant_id = EXCLUDED.tenant_id, user_id = EXCLUDED.user_id, date = EXCLUDED.date, concepts = EXCLUDED.concepts,
    status = EXCLUDED.status, created_at = EXCLUDED.created_at
WHERE (t.tenant_id, t.user_id, t.date, t.concepts, t.status, t.created_at)
  IS DISTINCT FROM (EXCLUDED.tenant_id, EXCLUDED.user_id, EXCLUDED.date, EXCLUDED.concepts, EXCLUDED.status,
    EXCLUDED.created_at);
