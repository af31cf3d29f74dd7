CREATE TABLE inner_t (a int, b int, c text);
CREATE TABLE outer_t (id int, r inner_t, rs inner_t[]);
CREATE FUNCTION f(o outer_t) RETURNS inner_t LANGUAGE sql AS $$ SELECT o.r $$;
