-- Layout: where white space, comments and signs may stand.	
;
 ;; ;
/* an empty statement; */ ;
-- another; it's
;
CREATE TABLE a(id int,b text);INSERT INTO a VALUES(1,'x;'),(2,'y');SELECT*FROM a;SELECT 1;;SELECT 2
;
	CREATE	TABLE	b	(	id	int	)	;	
CREATETABLEc(id int);
/* one /* two; /* three; */ ' " $$ */ still a comment; */ CREATE /* ; */ TABLE /**/ d /*;*/ ( -- ;
  id int -- it's the id;
  , /* "not; */ "name;" text /* ' */ -- $$
  -- ;
)/* ; */ -- $tag$
;
/**/ /***/ /****/ /*/*/*/**/*/*/*/ SELECT /*/**/*/ 1 /* -- */ ; -- /* not opened
SELECT 1 --;
-- '
, 2 -- /*
; -- the end of 2;
CREATE VIEW "Größe; ñ" AS SELECT 'ß;é€😀'::text AS "Spalte €;", 1 AS größe, 2 AS été, 3 AS 数字, 4 AS 😀;
SELECT größe+été-数字*😀 AS "…" FROM "Größe; ñ"; SELECT 'é' "ü", 1 "€;" ;
COMMENT ON VIEW "Größe; ñ" IS '😀; → ''€''';
CREATE TABLE naïve (ÉTÉ int, été text, straße$1 int DEFAULT 1);
INSERT INTO naïve VALUES (1, U&'\00e9;'), (2, E'\u00e9;');
SELECT naïve.ÉTÉ, naïve.été, ' ; ;'::text FROM naïve;
SELECT 1 /*  ; */ ; --  
CREATE FUNCTION f(a int DEFAULT 1,b text DEFAULT ';')RETURNS text LANGUAGE sql AS $$SELECT a||b;$$;SELECT f(),f(2),f(3,'x;');
CREATE FUNCTION g()RETURNS int LANGUAGE sql BEGIN ATOMIC;SELECT 1;END;SELECT g();CREATE FUNCTION h()RETURNS int RETURN(1);
CREATE RULE r AS ON INSERT TO a DO ALSO(SELECT 1;SELECT 2;);DROP RULE r ON a;
DO $$BEGIN PERFORM 1;END$$;DO $a$BEGIN PERFORM $b$;$b$;END$a$;
select"id"from"a";select'a'as"b";select+1,-1,- 1,+ +1,-(-1);select(1),((2));select all 1;
SELECT 1
    AS
        one
            ,
                'two;
three' AS four




;


SELECT '
-- no comment; ', $$
/* nor this; $$, "id
;" FROM (SELECT 1 AS "id
;") AS t;
GRANT SELECT ON a,b TO PUBLIC;REVOKE ALL ON c FROM PUBLIC;
ALTER TABLE a ADD c int,ADD d text DEFAULT';',ADD CHECK(id>0),ADD CHECK(b<>';');
ALTER TABLE a ALTER c SET DEFAULT-1,ALTER d DROP DEFAULT,ADD e int GENERATED ALWAYS AS(id*2)STORED;
CREATE INDEX ON a(id)WHERE(id>0);CREATE INDEX ON a((id+1),lower(b));
WITH x AS(SELECT 1 a),y AS(SELECT a+1 b FROM x)SELECT*FROM x,y;
SELECT a.id::text||';',a.id::int::text,a.*::text FROM a WHERE a.id>=1 AND a.b<>';'ORDER BY 1;
SELECT(SELECT 1),(ARRAY[1,2])[1],(ARRAY[[1,2],[3,4]])[1:2][2:2],CASE WHEN true THEN 1 END;
SELECT U&'\0061'"u",E'a\\'"e",B'1'"b",X'F'"x",N'n'"n",$$d$$"d";
SELECT 'no semicolon at the end; but a comment' -- really; none /*