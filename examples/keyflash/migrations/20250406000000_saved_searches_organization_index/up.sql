-- CONCURRENTLY lets writers go on meanwhile. It may not run in a transaction, so it is alone here and metadata.toml
-- says so.
CREATE INDEX CONCURRENTLY saved_searches_organization_id_idx ON saved_searches (organization_id);
