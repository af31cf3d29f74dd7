-- Files that are marked as deleted become visible again: the mark is lost.
DROP INDEX "File_stashId_live_idx";
ALTER TABLE "File" DROP COLUMN "deletedAt";
