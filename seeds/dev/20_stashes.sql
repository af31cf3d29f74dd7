-- One default stash for each user.
INSERT INTO "Stash" ("id", "name", "scope", "description", "userId", "createdAt", "updatedAt")
VALUES
  ('seed_stash_ada',   'Ada''s stash',   'USER', 'Default stash', 'seed_user_ada',   TIMESTAMP '2025-01-01 09:00:00', TIMESTAMP '2025-01-01 09:00:00'),
  ('seed_stash_grace', 'Grace''s stash', 'USER', 'Default stash', 'seed_user_grace', TIMESTAMP '2025-01-02 10:15:00', TIMESTAMP '2025-01-02 10:15:00'),
  ('seed_stash_tim',   'Tim''s stash',   'USER', 'Default stash', 'seed_user_tim',   TIMESTAMP '2025-01-03 11:30:00', TIMESTAMP '2025-01-03 11:30:00')
ON CONFLICT ("id") DO UPDATE
SET "name" = EXCLUDED."name", "scope" = EXCLUDED."scope", "description" = EXCLUDED."description",
    "userId" = EXCLUDED."userId", "createdAt" = EXCLUDED."createdAt", "updatedAt" = EXCLUDED."updatedAt"
WHERE ROW ("Stash".*) IS DISTINCT FROM ROW (EXCLUDED.*);
