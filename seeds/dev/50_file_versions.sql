-- Version 1 of each seeded file. 40_files.sql has just set the contents, so this copies what was seeded.
INSERT INTO "FileVersion" ("id", "fileId", "content", "version", "createdBy", "createdAt")
SELECT
  'seed_version_' || "File"."id" || '_1',
  "File"."id",
  "File"."content",
  1,
  "Stash"."userId",
  "File"."createdAt"
FROM "File" JOIN "Stash" ON "Stash"."id" = "File"."stashId"
WHERE starts_with("File"."id", 'seed_file_')
ORDER BY "File"."id"
ON CONFLICT ("id") DO UPDATE
SET "fileId" = EXCLUDED."fileId", "content" = EXCLUDED."content", "version" = EXCLUDED."version",
    "createdBy" = EXCLUDED."createdBy", "createdAt" = EXCLUDED."createdAt"
WHERE ROW ("FileVersion".*) IS DISTINCT FROM ROW (EXCLUDED.*);
