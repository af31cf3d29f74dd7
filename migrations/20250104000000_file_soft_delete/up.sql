-- A deleted file stays for a while, so that it can be brought back. Lists show live files only, newest first.
ALTER TABLE "File" ADD COLUMN "deletedAt" TIMESTAMP(3);
CREATE INDEX "File_stashId_live_idx" ON "File" ("stashId", "updatedAt" DESC) WHERE "deletedAt" IS NULL;
