-- The jobs that every installation starts with; one that has run is left alone.
-- Ids below zero are for seeds: the identity never gives them out, so an application's rows never meet them.
INSERT INTO job_queue AS t (id, job_type, run_at, created_at)
OVERRIDING SYSTEM VALUE
VALUES
  (-1, 'scrape_performance', TIMESTAMPTZ '2025-03-01 02:00:00+00', TIMESTAMPTZ '2025-03-01 09:00:00+00'),
  (-2, 'snapshot_analytics', TIMESTAMPTZ '2025-03-01 03:00:00+00', TIMESTAMPTZ '2025-03-01 09:00:00+00')
ON CONFLICT (id) DO NOTHING;
