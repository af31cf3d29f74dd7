-- Loses every tenant with all that belongs to it.
DROP TABLE generations;
DROP TABLE users;
DROP TABLE tenants;
