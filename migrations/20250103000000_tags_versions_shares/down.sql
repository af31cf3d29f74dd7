-- Loses every tag, file version and share.
DROP TABLE "FileShare";
DROP TABLE "FileVersion";
DROP TABLE "FileTag";
DROP TABLE "Tag";
