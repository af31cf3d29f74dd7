-- PromptStash as it should be: the desired state, which the migrations reach step by step.
-- Loaded into an empty database it gives the same catalog as all migrations together.

-- Who may sign in, and how.

CREATE TABLE "User" (
  "id"               TEXT PRIMARY KEY,
  "name"             TEXT NOT NULL,
  "email"            TEXT NOT NULL,
  "emailVerified"    BOOLEAN NOT NULL DEFAULT false,
  "image"            TEXT,
  "twoFactorEnabled" BOOLEAN DEFAULT false,
  "createdAt"        TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updatedAt"        TIMESTAMP(3) NOT NULL
);
CREATE UNIQUE INDEX "User_email_key" ON "User" ("email");

CREATE TABLE "Session" (
  "id"        TEXT PRIMARY KEY,
  "token"     TEXT NOT NULL,
  "expiresAt" TIMESTAMP(3) NOT NULL,
  "ipAddress" TEXT,
  "userAgent" TEXT,
  "userId"    TEXT NOT NULL REFERENCES "User" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
  "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updatedAt" TIMESTAMP(3) NOT NULL
);
CREATE UNIQUE INDEX "Session_token_key" ON "Session" ("token");
CREATE INDEX "Session_userId_idx" ON "Session" ("userId");

CREATE TABLE "Account" (
  "id"                    TEXT PRIMARY KEY,
  "accountId"             TEXT NOT NULL,
  "providerId"            TEXT NOT NULL, -- 'google', 'github', ...
  "userId"                TEXT NOT NULL REFERENCES "User" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
  "accessToken"           TEXT,
  "refreshToken"          TEXT,
  "idToken"               TEXT,
  "accessTokenExpiresAt"  TIMESTAMP(3),
  "refreshTokenExpiresAt" TIMESTAMP(3),
  "scope"                 TEXT,
  "password"              TEXT, -- hash, for sign-in by e-mail and password
  "createdAt"             TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updatedAt"             TIMESTAMP(3) NOT NULL
);
CREATE UNIQUE INDEX "Account_providerId_accountId_key" ON "Account" ("providerId", "accountId");
CREATE INDEX "Account_userId_idx" ON "Account" ("userId");

CREATE TABLE "Verification" (
  "id"         TEXT PRIMARY KEY,
  "identifier" TEXT NOT NULL, -- e-mail or user id
  "value"      TEXT NOT NULL, -- verification code
  "expiresAt"  TIMESTAMP(3) NOT NULL,
  "createdAt"  TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updatedAt"  TIMESTAMP(3) NOT NULL
);
CREATE INDEX "Verification_identifier_idx" ON "Verification" ("identifier");

CREATE TABLE "TwoFactor" (
  "id"          TEXT PRIMARY KEY,
  "secret"      TEXT NOT NULL, -- TOTP secret, encrypted by the application
  "backupCodes" TEXT NOT NULL, -- hashed
  "userId"      TEXT NOT NULL REFERENCES "User" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "TwoFactor_userId_idx" ON "TwoFactor" ("userId");

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
  "updatedAt" TIMESTAMP(3) NOT NULL,
  "deletedAt" TIMESTAMP(3) -- set: deleted, but can still be brought back
);
CREATE INDEX "File_stashId_folderId_idx"  ON "File" ("stashId", "folderId");
CREATE INDEX "File_stashId_updatedAt_idx" ON "File" ("stashId", "updatedAt" DESC);
CREATE INDEX "File_stashId_fileType_idx"  ON "File" ("stashId", "fileType");
CREATE INDEX "File_path_idx"              ON "File" ("path");
CREATE INDEX "File_stashId_live_idx"      ON "File" ("stashId", "updatedAt" DESC) WHERE "deletedAt" IS NULL;
CREATE INDEX "File_content_search_idx"    ON "File" USING gin (to_tsvector('simple', "content")) WHERE "deletedAt" IS NULL;

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
