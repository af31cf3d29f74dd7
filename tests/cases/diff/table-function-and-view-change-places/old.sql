CREATE TABLE rate (currency text, rate numeric);
CREATE VIEW in_euro AS SELECT currency, 1 / rate AS euro FROM rate;
CREATE FUNCTION rate_of(c text) RETURNS numeric LANGUAGE sql STABLE BEGIN ATOMIC SELECT rate FROM rate WHERE currency = c; END;
