-- The tags that every installation starts with.
INSERT INTO "Tag" ("id", "name", "color", "createdAt", "updatedAt")
VALUES
  ('seed_tag_agent',    'agent',    '#7C3AED', TIMESTAMP '2025-01-01 09:00:00', TIMESTAMP '2025-01-01 09:00:00'),
  ('seed_tag_skill',    'skill',    '#059669', TIMESTAMP '2025-01-01 09:00:00', TIMESTAMP '2025-01-01 09:00:00'),
  ('seed_tag_config',   'config',   '#2563EB', TIMESTAMP '2025-01-01 09:00:00', TIMESTAMP '2025-01-01 09:00:00'),
  ('seed_tag_favorite', 'favorite', '#F59E0B', TIMESTAMP '2025-01-01 09:00:00', TIMESTAMP '2025-01-01 09:00:00')
ON CONFLICT ("id") DO UPDATE
SET "name" = EXCLUDED."name", "color" = EXCLUDED."color",
    "createdAt" = EXCLUDED."createdAt", "updatedAt" = EXCLUDED."updatedAt"
-- Rows that are as they should be are not written again: a second load changes nothing.
WHERE ROW ("Tag".*) IS DISTINCT FROM ROW (EXCLUDED.*);
