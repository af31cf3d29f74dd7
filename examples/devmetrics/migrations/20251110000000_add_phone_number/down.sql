-- Loses every phone number.
ALTER TABLE users DROP COLUMN phone_number;
