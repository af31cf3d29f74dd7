-- Loses every search.
DROP TABLE search_history;
DROP TABLE saved_searches;
