-- Full-text search over live files. Building this index takes long on a big table; CONCURRENTLY lets writers go on
-- meanwhile. It may not run in a transaction, so it is alone here and metadata.toml says so.
CREATE INDEX CONCURRENTLY "File_content_search_idx" ON "File" USING gin (to_tsvector('simple', "content")) WHERE "deletedAt" IS NULL;
