CREATE PROCEDURE p(a int, OUT b int, OUT c text) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$ BEGIN b := a; c := 'x'; END $$;
