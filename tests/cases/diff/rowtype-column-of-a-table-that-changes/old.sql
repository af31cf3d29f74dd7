CREATE TABLE inner_t (a int, b int);
CREATE TABLE outer_t (id int, r inner_t);
CREATE FUNCTION f(o outer_t) RETURNS inner_t LANGUAGE sql AS $$ SELECT o.r $$;
