-- The same three folders in each stash.
WITH stash ("key", "at") AS (
  VALUES
    ('ada',   TIMESTAMP '2025-01-01 09:00:00'),
    ('grace', TIMESTAMP '2025-01-02 10:15:00'),
    ('tim',   TIMESTAMP '2025-01-03 11:30:00')
),
folder ("key", "name", "path", "parent") AS (
  VALUES
    ('claude', '.claude', '.claude',        NULL),
    ('agents', 'agents',  '.claude/agents', 'claude'),
    ('skills', 'skills',  '.claude/skills', 'claude')
)
INSERT INTO "Folder" ("id", "name", "path", "parentId", "stashId", "createdAt", "updatedAt")
SELECT
  'seed_folder_' || stash."key" || '_' || folder."key",
  folder."name",
  folder."path",
  'seed_folder_' || stash."key" || '_' || folder."parent",
  'seed_stash_' || stash."key",
  stash."at",
  stash."at"
FROM stash CROSS JOIN folder
ON CONFLICT ("id") DO UPDATE
SET "name" = EXCLUDED."name", "path" = EXCLUDED."path", "parentId" = EXCLUDED."parentId",
    "stashId" = EXCLUDED."stashId", "createdAt" = EXCLUDED."createdAt", "updatedAt" = EXCLUDED."updatedAt"
WHERE ROW ("Folder".*) IS DISTINCT FROM ROW (EXCLUDED.*);
