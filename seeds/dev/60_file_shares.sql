-- One share for each permission; the tokens are for a developer's machine and open nothing else.
INSERT INTO "FileShare" ("id", "fileId", "sharedWith", "permission", "shareToken", "expiresAt", "createdBy", "createdAt")
VALUES
  ('seed_share_view',    'seed_file_ada_agent',   'seed_user_grace',   'VIEW',    'dev-share-view',    NULL,                            'seed_user_ada',   TIMESTAMP '2025-01-04 12:00:00'),
  ('seed_share_edit',    'seed_file_ada_config',  'seed_user_tim',     'EDIT',    'dev-share-edit',    NULL,                            'seed_user_ada',   TIMESTAMP '2025-01-04 12:00:00'),
  ('seed_share_comment', 'seed_file_grace_agent', 'guest@example.com', 'COMMENT', 'dev-share-comment', TIMESTAMP '2035-01-01 00:00:00', 'seed_user_grace', TIMESTAMP '2025-01-04 12:00:00')
ON CONFLICT ("id") DO UPDATE
SET "fileId" = EXCLUDED."fileId", "sharedWith" = EXCLUDED."sharedWith", "permission" = EXCLUDED."permission",
    "shareToken" = EXCLUDED."shareToken", "expiresAt" = EXCLUDED."expiresAt",
    "createdBy" = EXCLUDED."createdBy", "createdAt" = EXCLUDED."createdAt"
WHERE ROW ("FileShare".*) IS DISTINCT FROM ROW (EXCLUDED.*);
