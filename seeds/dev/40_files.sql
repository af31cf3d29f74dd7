-- One file of each type in each stash.
WITH stash ("key", "at") AS (
  VALUES
    ('ada',   TIMESTAMP '2025-01-01 09:00:00'),
    ('grace', TIMESTAMP '2025-01-02 10:15:00'),
    ('tim',   TIMESTAMP '2025-01-03 11:30:00')
),
file ("key", "name", "path", "fileType", "folder", "content") AS (
  VALUES
    ('agent', 'test.md', '.claude/agents/test.md', 'MARKDOWN', 'agents', $md$---
name: test
description: Runs the tests and explains what fails; costs $0.
---

Run the tests. For each failure: the name, the cause, the smallest fix.
$md$),
    ('mcp', '.mcp.json', '.mcp.json', 'JSON', NULL, $json${
  "mcpServers": {
    "files": { "command": "npx", "args": ["-y", "files-server", "."] }
  }
}
$json$),
    ('log', 'session.jsonl', 'session.jsonl', 'JSONL', NULL, $jsonl${"role":"user","content":"What does this function do?"}
{"role":"assistant","content":"It adds two numbers; \"a\" and \"b\"."}
$jsonl$),
    ('config', 'config.yaml', 'config.yaml', 'YAML', NULL, $yaml$theme: dark
editor:
  tabSize: 2
  wrap: true
$yaml$)
)
INSERT INTO "File" ("id", "name", "path", "content", "fileType", "folderId", "stashId", "createdAt", "updatedAt")
SELECT
  'seed_file_' || stash."key" || '_' || file."key",
  file."name",
  file."path",
  file."content",
  file."fileType"::"FileType",
  'seed_folder_' || stash."key" || '_' || file."folder",
  'seed_stash_' || stash."key",
  stash."at",
  stash."at"
FROM stash CROSS JOIN file
ON CONFLICT ("id") DO UPDATE
SET "name" = EXCLUDED."name", "path" = EXCLUDED."path", "content" = EXCLUDED."content",
    "fileType" = EXCLUDED."fileType", "folderId" = EXCLUDED."folderId", "stashId" = EXCLUDED."stashId",
    "createdAt" = EXCLUDED."createdAt", "updatedAt" = EXCLUDED."updatedAt"
WHERE ROW ("File".*) IS DISTINCT FROM ROW (EXCLUDED.*);
