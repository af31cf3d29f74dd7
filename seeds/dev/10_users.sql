-- Three people to sign in as.
INSERT INTO "User" ("id", "name", "email", "emailVerified", "image", "twoFactorEnabled", "createdAt", "updatedAt")
VALUES
  ('seed_user_ada',   'Ada Lovelace', 'ada@example.com',   true,  NULL, true,  TIMESTAMP '2025-01-01 09:00:00', TIMESTAMP '2025-01-01 09:00:00'),
  ('seed_user_grace', 'Grace Hopper', 'grace@example.com', true,  NULL, false, TIMESTAMP '2025-01-02 10:15:00', TIMESTAMP '2025-01-02 10:15:00'),
  ('seed_user_tim',   'Tim O''Neill', 'tim@example.com',   false, NULL, false, TIMESTAMP '2025-01-03 11:30:00', TIMESTAMP '2025-01-03 11:30:00')
ON CONFLICT ("id") DO UPDATE
SET "name" = EXCLUDED."name", "email" = EXCLUDED."email", "emailVerified" = EXCLUDED."emailVerified",
    "image" = EXCLUDED."image", "twoFactorEnabled" = EXCLUDED."twoFactorEnabled",
    "createdAt" = EXCLUDED."createdAt", "updatedAt" = EXCLUDED."updatedAt"
WHERE ROW ("User".*) IS DISTINCT FROM ROW (EXCLUDED.*);
