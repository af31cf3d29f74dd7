-- What users keep: a stash holds folders, a folder holds files.

CREATE TYPE "StashScope"      AS ENUM ('USER', 'PROJECT', 'PLUGIN', 'MARKETPLACE');
CREATE TYPE "FileType"        AS ENUM ('MARKDOWN', 'JSON', 'JSONL', 'YAML');
CREATE TYPE "SharePermission" AS ENUM ('VIEW', 'EDIT', 'COMMENT');

CREATE TABLE "Stash" (
  "id"          TEXT PRIMARY KEY, -- cuid, made by the client
  "name"        TEXT NOT NULL,
  "scope"       "StashScope" NOT NULL,
  "description" TEXT,
  "userId"      TEXT NOT NULL REFERENCES "User" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
  "createdAt"   TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updatedAt"   TIMESTAMP(3) NOT NULL
);
CREATE INDEX "Stash_userId_idx"           ON "Stash" ("userId");
CREATE INDEX "Stash_userId_createdAt_idx" ON "Stash" ("userId", "createdAt" DESC);

CREATE TABLE "Folder" (
  "id"        TEXT PRIMARY KEY,
  "name"      TEXT NOT NULL,
  "path"      TEXT NOT NULL, -- full path, so that one look-up finds it
  "parentId"  TEXT REFERENCES "Folder" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
  "stashId"   TEXT NOT NULL REFERENCES "Stash" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
  "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updatedAt" TIMESTAMP(3) NOT NULL
);
CREATE INDEX "Folder_stashId_parentId_idx" ON "Folder" ("stashId", "parentId");
CREATE INDEX "Folder_path_idx"             ON "Folder" ("path");

CREATE TABLE "File" (
  "id"        TEXT PRIMARY KEY,
  "name"      TEXT NOT NULL,
  "path"      TEXT NOT NULL, -- logical path, such as .claude/agents/test.md
  "content"   TEXT NOT NULL,
  "fileType"  "FileType" NOT NULL,
  "folderId"  TEXT REFERENCES "Folder" ("id") ON DELETE SET NULL ON UPDATE CASCADE,
  "stashId"   TEXT NOT NULL REFERENCES "Stash" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
  "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updatedAt" TIMESTAMP(3) NOT NULL
);
CREATE INDEX "File_stashId_folderId_idx"  ON "File" ("stashId", "folderId");
CREATE INDEX "File_stashId_updatedAt_idx" ON "File" ("stashId", "updatedAt" DESC);
CREATE INDEX "File_stashId_fileType_idx"  ON "File" ("stashId", "fileType");
CREATE INDEX "File_path_idx"              ON "File" ("path");
