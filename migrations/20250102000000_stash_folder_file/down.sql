-- Loses every stash, folder and file.
DROP TABLE "File";
DROP TABLE "Folder";
DROP TABLE "Stash";
DROP TYPE "SharePermission";
DROP TYPE "FileType";
DROP TYPE "StashScope";
