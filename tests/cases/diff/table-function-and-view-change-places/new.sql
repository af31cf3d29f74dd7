CREATE TABLE rate_history (currency text, rate numeric, day date);
CREATE FUNCTION rates_at(d date) RETURNS TABLE (currency text, rate numeric) LANGUAGE sql STABLE BEGIN ATOMIC SELECT DISTINCT ON (h.currency) h.currency, h.rate FROM rate_history h WHERE h.day <= d ORDER BY h.currency, h.day DESC; END;
CREATE VIEW rate AS SELECT currency, rate FROM rates_at(current_date);
CREATE VIEW in_euro AS SELECT currency, 1 / rate AS euro FROM rate;
CREATE FUNCTION rate_of(c text) RETURNS numeric LANGUAGE sql STABLE BEGIN ATOMIC SELECT rate FROM rate WHERE currency = c; END;
