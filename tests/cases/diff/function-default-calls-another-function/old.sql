CREATE FUNCTION today() RETURNS date LANGUAGE sql STABLE AS $$ SELECT current_date $$;
CREATE FUNCTION age_of(born date, at date DEFAULT today()) RETURNS int LANGUAGE sql STABLE AS $$ SELECT at - born $$;
