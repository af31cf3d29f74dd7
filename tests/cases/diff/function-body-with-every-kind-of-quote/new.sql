CREATE FUNCTION q() RETURNS text LANGUAGE plpgsql AS $out$
BEGIN
  EXECUTE $body$ SELECT $function$inner; $function$ $body$;
  -- $$ and $1 and $_$ 'single' "double" \ back\\slash; /* not closed
  RETURN $$it's$$ || E'\'\\' || $x$ $y$ $x$ || '%s %I';
END
$out$;
CREATE FUNCTION r() RETURNS text LANGUAGE sql AS 'SELECT $procedure$;$procedure$ || ''x''';
