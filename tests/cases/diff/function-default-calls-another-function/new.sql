CREATE FUNCTION a_day() RETURNS date LANGUAGE sql STABLE AS $$ SELECT current_date $$;
CREATE FUNCTION age_of(born date, at date DEFAULT a_day()) RETURNS int LANGUAGE sql STABLE AS $$ SELECT at - born $$;
