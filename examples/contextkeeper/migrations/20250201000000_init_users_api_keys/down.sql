-- Loses every user and API key.
DROP TABLE api_keys;
DROP TABLE users;
