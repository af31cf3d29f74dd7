-- Loses every user.
DROP TABLE users;
DROP TYPE tier;
