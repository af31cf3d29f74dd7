-- What hangs on a file: tags, its immutable history, and who else may see it.

CREATE TABLE "Tag" (
  "id"        TEXT PRIMARY KEY,
  "name"      TEXT NOT NULL,
  "color"     TEXT, -- hex colour
  "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updatedAt" TIMESTAMP(3) NOT NULL
);
CREATE UNIQUE INDEX "Tag_name_key" ON "Tag" ("name");

CREATE TABLE "FileTag" (
  "id"        TEXT PRIMARY KEY,
  "fileId"    TEXT NOT NULL REFERENCES "File" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
  "tagId"     TEXT NOT NULL REFERENCES "Tag" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
  "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE UNIQUE INDEX "FileTag_fileId_tagId_key" ON "FileTag" ("fileId", "tagId");
CREATE INDEX "FileTag_fileId_idx" ON "FileTag" ("fileId");
CREATE INDEX "FileTag_tagId_idx"  ON "FileTag" ("tagId");

CREATE TABLE "FileVersion" (
  "id"        TEXT PRIMARY KEY,
  "fileId"    TEXT NOT NULL REFERENCES "File" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
  "content"   TEXT NOT NULL,
  "version"   INTEGER NOT NULL, -- counts up per file
  "createdBy" TEXT NOT NULL, -- user id; the history outlives the user, so there is no foreign key
  "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX "FileVersion_fileId_version_idx" ON "FileVersion" ("fileId", "version" DESC);

CREATE TABLE "FileShare" (
  "id"         TEXT PRIMARY KEY,
  "fileId"     TEXT NOT NULL REFERENCES "File" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
  "sharedWith" TEXT NOT NULL, -- user id or e-mail
  "permission" "SharePermission" NOT NULL,
  "shareToken" TEXT NOT NULL,
  "expiresAt"  TIMESTAMP(3),
  "createdBy"  TEXT NOT NULL,
  "createdAt"  TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX "FileShare_fileId_idx"     ON "FileShare" ("fileId");
CREATE INDEX "FileShare_sharedWith_idx" ON "FileShare" ("sharedWith");
CREATE UNIQUE INDEX "FileShare_shareToken_key" ON "FileShare" ("shareToken");
