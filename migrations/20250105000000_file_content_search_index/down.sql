DROP INDEX CONCURRENTLY "File_content_search_idx";
