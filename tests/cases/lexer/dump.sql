--
-- PostgreSQL database dump
--


-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: Shop;; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA "Shop;";


--
-- Name: SCHEMA "Shop;"; Type: COMMENT; Schema: -; Owner: -
--

COMMENT ON SCHEMA "Shop;" IS 's;';


--
-- Name: posix; Type: COLLATION; Schema: public; Owner: -
--

CREATE COLLATION public.posix (provider = libc, locale = 'C');


--
-- Name: address; Type: TYPE; Schema: public; Owner: -
--

CREATE TYPE public.address AS (
	street text,
	"no;" integer,
	tags text[],
	zip character varying(10)
);


--
-- Name: mail; Type: DOMAIN; Schema: public; Owner: -
--

CREATE DOMAIN public.mail AS text
	CONSTRAINT mail_check CHECK ((VALUE ~ '^[^;@]+@[^;@]+\.[a-z]{2,}$'::text));


--
-- Name: mood; Type: TYPE; Schema: public; Owner: -
--

CREATE TYPE public.mood AS ENUM (
    'sad;',
    'o;k',
    'it''s fine',
    'tab	'
);


--
-- Name: TYPE mood; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TYPE public.mood IS 't;
';


--
-- Name: pair; Type: TYPE; Schema: public; Owner: -
--

CREATE TYPE public.pair AS (
	a integer,
	b text
);


--
-- Name: positive; Type: DOMAIN; Schema: public; Owner: -
--

CREATE DOMAIN public.positive AS integer NOT NULL DEFAULT 1
	CONSTRAINT "over;" CHECK (((VALUE > 0) AND ((VALUE)::text <> ';'::text)));


--
-- Name: CONSTRAINT "over;" ON DOMAIN positive; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT "over;" ON DOMAIN public.positive IS 'd;';


--
-- Name: span; Type: TYPE; Schema: public; Owner: -
--

CREATE TYPE public.span AS RANGE (
    subtype = double precision,
    multirange_type_name = public.spans,
    subtype_diff = float8mi
);


--
-- Name: pair_text(public.pair); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.pair_text(public.pair) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $_$ SELECT ($1).a || ';' || ($1).b $_$;


--
-- Name: CAST (public.pair AS text); Type: CAST; Schema: -; Owner: -
--

CREATE CAST (public.pair AS text) WITH FUNCTION public.pair_text(public.pair) AS ASSIGNMENT;


--
-- Name: args(integer[]); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.args(VARIADIC a integer[] DEFAULT '{}'::integer[]) RETURNS integer
    LANGUAGE plpgsql STABLE STRICT
    AS $_$ BEGIN RETURN coalesce(array_length($1, 1), 0); END; $_$;


--
-- Name: atomic end(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public."atomic end"() RETURNS TABLE(begin_ integer, "end" integer)
    LANGUAGE sql
    BEGIN ATOMIC
 SELECT 1 AS begin,
     2 AS "end";
END;


--
-- Name: atomic_case(integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.atomic_case(a integer) RETURNS text
    LANGUAGE sql
    BEGIN ATOMIC
 SELECT
         CASE
             WHEN (a > 0) THEN
             CASE a
                 WHEN 1 THEN 'one;'::text
                 WHEN 2 THEN 'two; end'::text
                 ELSE 'more'::text
             END
             ELSE 'none'::text
         END AS "case";
END;


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: log; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.log (
    n integer NOT NULL,
    at_step text,
    val integer
);


--
-- Name: atomic_many(integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.atomic_many(a integer) RETURNS SETOF public.log
    LANGUAGE sql
    BEGIN ATOMIC
 INSERT INTO public.log (at_step, val)
   VALUES ('begin; end;'::text, atomic_many.a);
 UPDATE public.log SET val =
         CASE
             WHEN (log.val IS NULL) THEN 0
             ELSE log.val
         END
   WHERE (log.at_step <> ';'::text);
 DELETE FROM public.log
   WHERE (log.val < 0);
 SELECT log.n,
     log.at_step,
     log.val
    FROM public.log
   WHERE (log.n =
         CASE log.n
             WHEN 1 THEN 1
             ELSE log.n
         END);
END;


--
-- Name: atomic_one(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.atomic_one() RETURNS integer
    LANGUAGE sql
    BEGIN ATOMIC
 SELECT 1;
END;


--
-- Name: begin_atomic_in_text(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.begin_atomic_in_text() RETURNS text
    LANGUAGE sql
    AS $$SELECT 'begin atomic; end'$$;


--
-- Name: cmp(integer, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.cmp(integer, text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    AS $_$SELECT $1::text = $2$_$;


--
-- Name: commented(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.commented() RETURNS integer
    LANGUAGE sql
    AS $$ SELECT 1 $$;


--
-- Name: direct(integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.direct(a integer) RETURNS integer
    LANGUAGE sql
    RETURN (a + 1);


--
-- Name: direct(integer, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.direct(a integer, b integer) RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN (a > b) THEN a ELSE b END;


--
-- Name: keep(integer); Type: PROCEDURE; Schema: public; Owner: -
--

CREATE PROCEDURE public.keep(IN a integer)
    LANGUAGE sql
    BEGIN ATOMIC
 INSERT INTO public.log (at_step, val)
   VALUES ('keep'::text, keep.a);
 INSERT INTO public.log (at_step, val)
   VALUES ('kept'::text, keep.a);
END;


--
-- Name: noted(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.noted() RETURNS trigger
    LANGUAGE plpgsql
    AS $_$
DECLARE
  v text := 'it''s; a';
  w text := E'it\'s; b';
BEGIN
  <<outer>>
  FOR i IN 1..2 LOOP
    IF TG_OP = 'INSERT' THEN v := v || i; ELSIF TG_OP = 'DELETE' THEN NULL; ELSE v := w; END IF;
    CASE i WHEN 1 THEN CONTINUE outer; ELSE EXIT outer; END CASE;
  END LOOP;
  BEGIN
    EXECUTE format($q$SELECT %L;$q$, v);
    EXECUTE 'SELECT $1; ' USING v;
  EXCEPTION WHEN others THEN
    RAISE NOTICE 'no; %', SQLERRM;
  END;
  RETURN NEW;
END;
$_$;


--
-- Name: nothing(); Type: PROCEDURE; Schema: public; Owner: -
--

CREATE PROCEDURE public.nothing()
    LANGUAGE sql
    BEGIN ATOMIC
END;


--
-- Name: seen(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.seen() RETURNS event_trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE DEBUG 'seen; %', tg_tag; END $$;


--
-- Name: setting(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.setting() RETURNS text
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ SELECT 'a'::text; $$;


--
-- Name: three(integer, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.three(a integer, OUT b integer, INOUT c text DEFAULT 'x;'::text) RETURNS record
    LANGUAGE sql IMMUTABLE COST 10 PARALLEL SAFE
    AS $_$
  -- it's; the second
  SELECT a, $$;$$ || c; /* ; */
$_$;


--
-- Name: FUNCTION three(a integer, OUT b integer, INOUT c text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.three(a integer, OUT b integer, INOUT c text) IS 'BEGIN ATOMIC; END;';


--
-- Name: total(integer); Type: AGGREGATE; Schema: public; Owner: -
--

CREATE AGGREGATE public.total(integer) (
    SFUNC = int4pl,
    STYPE = integer,
    INITCOND = '0'
);


--
-- Name: !!@; Type: OPERATOR; Schema: public; Owner: -
--

CREATE OPERATOR public.!!@ (
    FUNCTION = int4abs,
    RIGHTARG = integer
);


--
-- Name: #-+; Type: OPERATOR; Schema: public; Owner: -
--

CREATE OPERATOR public.#-+ (
    FUNCTION = public.cmp,
    LEFTARG = integer,
    RIGHTARG = text
);


--
-- Name: <?/>; Type: OPERATOR; Schema: public; Owner: -
--

CREATE OPERATOR public.<?/> (
    FUNCTION = public.cmp,
    LEFTARG = integer,
    RIGHTARG = text
);


--
-- Name: ===; Type: OPERATOR; Schema: public; Owner: -
--

CREATE OPERATOR public.=== (
    FUNCTION = public.cmp,
    LEFTARG = integer,
    RIGHTARG = text
);


--
-- Name: @-@; Type: OPERATOR; Schema: public; Owner: -
--

CREATE OPERATOR public.@-@ (
    FUNCTION = public.cmp,
    LEFTARG = integer,
    RIGHTARG = text
);


--
-- Name: abs_ops; Type: OPERATOR FAMILY; Schema: public; Owner: -
--

CREATE OPERATOR FAMILY public.abs_ops USING btree;


--
-- Name: abs_ops; Type: OPERATOR CLASS; Schema: public; Owner: -
--

CREATE OPERATOR CLASS public.abs_ops
    FOR TYPE integer USING btree FAMILY public.abs_ops AS
    OPERATOR 1 <(integer,integer) ,
    OPERATOR 2 <=(integer,integer) ,
    OPERATOR 3 =(integer,integer) ,
    OPERATOR 4 >=(integer,integer) ,
    OPERATOR 5 >(integer,integer) ,
    FUNCTION 1 (integer, integer) btint4cmp(integer,integer);


--
-- Name: plain; Type: TEXT SEARCH CONFIGURATION; Schema: public; Owner: -
--

CREATE TEXT SEARCH CONFIGURATION public.plain (
    PARSER = pg_catalog."default" );

ALTER TEXT SEARCH CONFIGURATION public.plain
    ADD MAPPING FOR asciiword WITH english_stem, simple;

ALTER TEXT SEARCH CONFIGURATION public.plain
    ADD MAPPING FOR word WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.plain
    ADD MAPPING FOR numword WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.plain
    ADD MAPPING FOR email WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.plain
    ADD MAPPING FOR url WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.plain
    ADD MAPPING FOR host WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.plain
    ADD MAPPING FOR sfloat WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.plain
    ADD MAPPING FOR version WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.plain
    ADD MAPPING FOR hword_numpart WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.plain
    ADD MAPPING FOR hword_part WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.plain
    ADD MAPPING FOR hword_asciipart WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.plain
    ADD MAPPING FOR numhword WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.plain
    ADD MAPPING FOR asciihword WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.plain
    ADD MAPPING FOR hword WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.plain
    ADD MAPPING FOR url_path WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.plain
    ADD MAPPING FOR file WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.plain
    ADD MAPPING FOR "float" WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.plain
    ADD MAPPING FOR "int" WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.plain
    ADD MAPPING FOR uint WITH simple;


--
-- Name: nothing; Type: FOREIGN DATA WRAPPER; Schema: -; Owner: -
--

CREATE FOREIGN DATA WRAPPER nothing OPTIONS (
    a 'b;c',
    "d;" 'it''s'
);


--
-- Name: elsewhere; Type: SERVER; Schema: -; Owner: -
--

CREATE SERVER elsewhere TYPE 'x;' VERSION '1;' FOREIGN DATA WRAPPER nothing OPTIONS (
    host 'h;'
);


--
-- Name: USER MAPPING public SERVER elsewhere; Type: USER MAPPING; Schema: -; Owner: -
--

CREATE USER MAPPING FOR public SERVER elsewhere OPTIONS (
    password 'p''w;',
    "user" 'a;'
);


--
-- Name: made_with; Type: TABLE; Schema: Shop;; Owner: -
--

CREATE TABLE "Shop;".made_with (
    id integer NOT NULL
);


--
-- Name: seen; Type: VIEW; Schema: Shop;; Owner: -
--

CREATE VIEW "Shop;".seen AS
 SELECT made_with.id
   FROM "Shop;".made_with;


--
-- Name: after_event; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.after_event (
    a integer DEFAULT public.direct(1)
);


--
-- Name: counter; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.counter
    START WITH -5
    INCREMENT BY 5
    MINVALUE -10
    MAXVALUE 1000
    CACHE 3
    CYCLE;


--
-- Name: people; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.people (
    id bigint NOT NULL,
    name text NOT NULL,
    mail public.mail,
    "full;name" text GENERATED ALWAYS AS ((((name || ' <'::text) || COALESCE((mail)::text, ';'::text)) || '>'::text)) STORED,
    born date DEFAULT ('2000-01-01'::date + 1),
    feels public.mood DEFAULT 'sad;'::public.mood,
    homes public.address[] DEFAULT ARRAY[]::public.address[],
    rank public.positive,
    counted bigint DEFAULT nextval('public.counter'::regclass),
    extra jsonb DEFAULT '{"a;": [1, 2, {"b": "c''d"}]}'::jsonb,
    matrix integer[] DEFAULT '{{1,2,3},{4,5,6},{7,8,9}}'::integer[],
    during tstzrange,
    cents numeric(10,2) DEFAULT '15'::numeric,
    CONSTRAINT later CHECK (((rank)::integer < 1000)),
    CONSTRAINT people_name_check CHECK (((length(name) > 0) AND (name <> ';'::text))),
    CONSTRAINT sane CHECK ((((born > '1900-01-01'::date) IS NOT FALSE) AND ((cents IS NULL) OR (cents >= 0.5)))) NO INHERIT
)
WITH (fillfactor='70', autovacuum_vacuum_scale_factor='0.2');

ALTER TABLE ONLY public.people FORCE ROW LEVEL SECURITY;


--
-- Name: COLUMN people.cents; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.people.cents IS 'in cents; not euros';


--
-- Name: CONSTRAINT sane ON people; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT sane ON public.people IS 'c; it''s';


--
-- Name: checked; Type: VIEW; Schema: public; Owner: -
--

CREATE VIEW public.checked WITH (security_barrier='true') AS
 SELECT people.id,
    people.name
   FROM public.people
  WHERE (people.name <> ';'::text)
  WITH LOCAL CHECK OPTION;


--
-- Name: child; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.child (
    more text
)
INHERITS (public.people);


--
-- Name: copied; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.copied (
    id bigint,
    "name;" text
);


--
-- Name: countdown; Type: VIEW; Schema: public; Owner: -
--

CREATE VIEW public.countdown AS
 WITH RECURSIVE countdown(n) AS (
         VALUES (3)
        UNION ALL
         SELECT (countdown_1.n - 1)
           FROM countdown countdown_1
          WHERE (countdown_1.n > 0)
        )
 SELECT countdown.n
   FROM countdown;


--
-- Name: far; Type: FOREIGN TABLE; Schema: public; Owner: -
--

CREATE FOREIGN TABLE public.far (
    a integer NOT NULL,
    b text
)
SERVER elsewhere
OPTIONS (
    t 'y;'
);
ALTER FOREIGN TABLE public.far ALTER COLUMN a OPTIONS (
    n 'x;'
);


--
-- Name: log_n_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.log_n_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: log_n_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.log_n_seq OWNED BY public.log.n;


--
-- Name: made_by_select; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.made_by_select (
    a integer,
    b text
);


--
-- Name: orders; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.orders (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    person bigint,
    total integer,
    at_ date NOT NULL
)
PARTITION BY RANGE (at_);


--
-- Name: orders_2025; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.orders_2025 (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    person bigint,
    total integer DEFAULT 7,
    at_ date NOT NULL,
    CONSTRAINT few CHECK ((total < 100))
)
PARTITION BY LIST (at_);


--
-- Name: orders_2025_low; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.orders_2025_low (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    person bigint,
    total integer DEFAULT 7,
    at_ date NOT NULL,
    CONSTRAINT few CHECK ((total < 100))
);


--
-- Name: orders_2025_rest; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.orders_2025_rest (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    person bigint,
    total integer DEFAULT 7,
    at_ date NOT NULL,
    CONSTRAINT few CHECK ((total < 100))
);


--
-- Name: orders_2026; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.orders_2026 (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    person bigint,
    total integer,
    at_ date NOT NULL
);


--
-- Name: orders_old; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.orders_old (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    person bigint,
    total integer,
    at_ date NOT NULL
);


--
-- Name: people_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.people ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.people_id_seq
    START WITH 10
    INCREMENT BY 2
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: quick; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.quick (
    a bigint,
    b integer NOT NULL,
    c text DEFAULT 'a;b'::text
)
WITH (autovacuum_enabled=off);
ALTER TABLE ONLY public.quick ALTER COLUMN b SET STATISTICS 200;
ALTER TABLE ONLY public.quick ALTER COLUMN c SET STORAGE EXTERNAL;

ALTER TABLE ONLY public.quick REPLICA IDENTITY FULL;


--
-- Name: quick_b_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.quick ALTER COLUMN b ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.quick_b_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: spread; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.spread (
    a integer,
    b text
)
PARTITION BY HASH (a, lower(b));


--
-- Name: spread_0; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.spread_0 (
    a integer,
    b text
);


--
-- Name: spread_1; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.spread_1 (
    a integer,
    b text
);


--
-- Name: summary; Type: MATERIALIZED VIEW; Schema: public; Owner: -
--

CREATE MATERIALIZED VIEW public.summary AS
 SELECT count(*) AS n,
    'a;b'::text AS "what;"
   FROM public.people
  WITH NO DATA;


--
-- Name: t; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.t (
    id integer NOT NULL,
    note text
);


--
-- Name: t_log; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.t_log (
    id integer,
    what text,
    at_ integer DEFAULT 1
);


--
-- Name: v; Type: VIEW; Schema: public; Owner: -
--

CREATE VIEW public.v AS
 SELECT t.id,
    t.note
   FROM public.t;


--
-- Name: orders_2025; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.orders ATTACH PARTITION public.orders_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');


--
-- Name: orders_2025_low; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.orders_2025 ATTACH PARTITION public.orders_2025_low FOR VALUES IN ('2025-01-01', '2025-02-02');


--
-- Name: orders_2025_rest; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.orders_2025 ATTACH PARTITION public.orders_2025_rest DEFAULT;


--
-- Name: orders_2026; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.orders ATTACH PARTITION public.orders_2026 FOR VALUES FROM ('2026-01-01') TO (MAXVALUE);


--
-- Name: spread_0; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.spread ATTACH PARTITION public.spread_0 FOR VALUES WITH (modulus 2, remainder 0);


--
-- Name: spread_1; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.spread ATTACH PARTITION public.spread_1 FOR VALUES WITH (modulus 2, remainder 1);


--
-- Name: checked name; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.checked ALTER COLUMN name SET DEFAULT 'x;'::text;


--
-- Name: child born; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.child ALTER COLUMN born SET DEFAULT ('2000-01-01'::date + 1);


--
-- Name: child feels; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.child ALTER COLUMN feels SET DEFAULT 'sad;'::public.mood;


--
-- Name: child homes; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.child ALTER COLUMN homes SET DEFAULT ARRAY[]::public.address[];


--
-- Name: child counted; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.child ALTER COLUMN counted SET DEFAULT nextval('public.counter'::regclass);


--
-- Name: child extra; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.child ALTER COLUMN extra SET DEFAULT '{"a;": [1, 2, {"b": "c''d"}]}'::jsonb;


--
-- Name: child matrix; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.child ALTER COLUMN matrix SET DEFAULT '{{1,2,3},{4,5,6},{7,8,9}}'::integer[];


--
-- Name: child cents; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.child ALTER COLUMN cents SET DEFAULT '15'::numeric;


--
-- Name: log n; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.log ALTER COLUMN n SET DEFAULT nextval('public.log_n_seq'::regclass);


--
-- Data for Name: made_with; Type: TABLE DATA; Schema: Shop;; Owner: -
--



--
-- Data for Name: after_event; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: child; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: copied; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: log; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.log VALUES (1, 'keep', 1);
INSERT INTO public.log VALUES (2, 'kept', 1);
INSERT INTO public.log VALUES (3, 'keep', 2);
INSERT INTO public.log VALUES (4, 'kept', 2);
INSERT INTO public.log VALUES (5, 'keep', 3);
INSERT INTO public.log VALUES (6, 'kept', 3);
INSERT INTO public.log VALUES (7, 'begin; end;', 4);
INSERT INTO public.log VALUES (8, 'a;b', NULL);


--
-- Data for Name: made_by_select; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.made_by_select VALUES (1, 'b;');


--
-- Data for Name: orders_2025_low; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: orders_2025_rest; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: orders_2026; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: orders_old; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: people; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.people VALUES (10, 'Zoë; the "first"', 'z@x.org', DEFAULT, '2000-01-02', 'sad;', '{"(a;b,1,\"{x,y;z}\",1)"}', 1, -5, '{"k": "v;"}', '{{1,2,3},{4,5,6},{7,8,9}}', NULL, 15.00);
INSERT INTO public.people VALUES (12, 'b', NULL, DEFAULT, '2000-01-02', 'sad;', '{}', 1, 0, '{"a;": [1, 2, {"b": "c''d"}]}', '{{1},{2}}', NULL, 15.00);


--
-- Data for Name: quick; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: spread_0; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.spread_0 VALUES (2, 'x;2');
INSERT INTO public.spread_0 VALUES (4, 'x;4');
INSERT INTO public.spread_0 VALUES (5, 'x;5');


--
-- Data for Name: spread_1; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.spread_1 VALUES (1, 'x;1');
INSERT INTO public.spread_1 VALUES (3, 'x;3');


--
-- Data for Name: t; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.t VALUES (1, 'c;d');


--
-- Data for Name: t_log; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.t_log VALUES (1, 'v', 1);
INSERT INTO public.t_log VALUES (1, 'up;', 1);


--
-- Name: counter; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.counter', 5, true);


--
-- Name: log_n_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.log_n_seq', 8, true);


--
-- Name: people_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.people_id_seq', 12, true);


--
-- Name: quick_b_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.quick_b_seq', 1, false);


--
-- Name: made_with made_with_pkey; Type: CONSTRAINT; Schema: Shop;; Owner: -
--

ALTER TABLE ONLY "Shop;".made_with
    ADD CONSTRAINT made_with_pkey PRIMARY KEY (id);


--
-- Name: orders orders_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_pkey PRIMARY KEY (id, at_);


--
-- Name: orders_2025 orders_2025_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.orders_2025
    ADD CONSTRAINT orders_2025_pkey PRIMARY KEY (id, at_);


--
-- Name: orders_2025_low orders_2025_low_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.orders_2025_low
    ADD CONSTRAINT orders_2025_low_pkey PRIMARY KEY (id, at_);


--
-- Name: orders_2025_rest orders_2025_rest_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.orders_2025_rest
    ADD CONSTRAINT orders_2025_rest_pkey PRIMARY KEY (id, at_);


--
-- Name: orders_2026 orders_2026_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.orders_2026
    ADD CONSTRAINT orders_2026_pkey PRIMARY KEY (id, at_);


--
-- Name: orders_old orders_old_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.orders_old
    ADD CONSTRAINT orders_old_pkey PRIMARY KEY (id, at_);


--
-- Name: people people_during_excl; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.people
    ADD CONSTRAINT people_during_excl EXCLUDE USING gist (during WITH &&) WHERE ((during IS NOT NULL));


--
-- Name: people people_mail_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.people
    ADD CONSTRAINT people_mail_key UNIQUE (mail) DEFERRABLE INITIALLY DEFERRED;


--
-- Name: people people_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.people
    ADD CONSTRAINT people_pkey PRIMARY KEY (id);


--
-- Name: t t_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.t
    ADD CONSTRAINT t_pkey PRIMARY KEY (id);


--
-- Name: quick u; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.quick
    ADD CONSTRAINT u UNIQUE (a, b);


--
-- Name: by_person; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX by_person ON ONLY public.orders USING btree (person);


--
-- Name: in;dex; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX "in;dex" ON public.people USING gin (extra jsonb_path_ops) WHERE ((extra ? ';'::text) IS NOT NULL);


--
-- Name: INDEX "in;dex"; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON INDEX public."in;dex" IS 'i;';


--
-- Name: people_expr_expr1_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX people_expr_expr1_idx ON public.people USING btree (((extra ->> 'a;'::text)), ((cents * (2)::numeric)));


--
-- Name: people_lower_mail_born_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX people_lower_mail_born_idx ON public.people USING btree (lower(name) COLLATE "C" text_pattern_ops DESC NULLS LAST) INCLUDE (mail, born) WITH (fillfactor='50') WHERE ((born > '1999-01-01'::date) AND (name <> ';'::text));


--
-- Name: summary_what;_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX "summary_what;_idx" ON public.summary USING btree ("what;");


--
-- Name: orders_2025_low_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.orders_2025_pkey ATTACH PARTITION public.orders_2025_low_pkey;


--
-- Name: orders_2025_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.orders_pkey ATTACH PARTITION public.orders_2025_pkey;


--
-- Name: orders_2025_rest_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.orders_2025_pkey ATTACH PARTITION public.orders_2025_rest_pkey;


--
-- Name: orders_2026_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.orders_pkey ATTACH PARTITION public.orders_2026_pkey;


--
-- Name: linked; Type: STATISTICS; Schema: public; Owner: -
--

CREATE STATISTICS public.linked ON a, b FROM public.quick;


--
-- Name: STATISTICS linked; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON STATISTICS public.linked IS ';';


--
-- Name: sums; Type: STATISTICS; Schema: public; Owner: -
--

CREATE STATISTICS public.sums ON (a + b), (b - a) FROM public.quick;


--
-- Name: t many; Type: RULE; Schema: public; Owner: -
--

CREATE RULE many AS
    ON UPDATE TO public.t
   WHERE (old.note IS DISTINCT FROM new.note) DO ( INSERT INTO public.t_log (id, what)
  VALUES (new.id, 'up;'::text);
 DELETE FROM public.t_log
  WHERE (t_log.id = ( SELECT max(t_log_1.id) AS max
           FROM public.t_log t_log_1
          WHERE (t_log_1.what = ')'::text)));
);


--
-- Name: RULE many ON t; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON RULE many ON public.t IS '(a; b)';


--
-- Name: t one;; Type: RULE; Schema: public; Owner: -
--

CREATE RULE "one;" AS
    ON DELETE TO public.t DO  INSERT INTO public.t_log (id, what)
  VALUES (old.id, 'delete;'::text);


--
-- Name: t told; Type: RULE; Schema: public; Owner: -
--

CREATE RULE told AS
    ON INSERT TO public.t DO (
 NOTIFY changed, 'a;b';

 NOTIFY "changed;";
);


--
-- Name: v v_insert; Type: RULE; Schema: public; Owner: -
--

CREATE RULE v_insert AS
    ON INSERT TO public.v DO INSTEAD ( INSERT INTO public.t (id, note)
  VALUES (new.id, new.note)
  RETURNING t.id,
    t.note;
 INSERT INTO public.t_log (id, what)
  VALUES (new.id, 'v'::text);
);


--
-- Name: v v_nothing; Type: RULE; Schema: public; Owner: -
--

CREATE RULE v_nothing AS
    ON DELETE TO public.v DO INSTEAD NOTHING;


--
-- Name: v v_update; Type: RULE; Schema: public; Owner: -
--

CREATE RULE v_update AS
    ON UPDATE TO public.v DO INSTEAD  UPDATE public.t SET note = new.note
  WHERE (t.id = old.id);


--
-- Name: log later; Type: TRIGGER; Schema: public; Owner: -
--

CREATE CONSTRAINT TRIGGER later AFTER INSERT ON public.log DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.noted();


--
-- Name: log noted; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER noted BEFORE INSERT OR UPDATE OF at_step, val ON public.log FOR EACH ROW WHEN ((new.at_step <> ';'::text)) EXECUTE FUNCTION public.noted();


--
-- Name: log noted_too; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER noted_too AFTER UPDATE ON public.log REFERENCING OLD TABLE AS o NEW TABLE AS n FOR EACH STATEMENT EXECUTE FUNCTION public.noted();


--
-- Name: orders orders_person_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE public.orders
    ADD CONSTRAINT orders_person_fkey FOREIGN KEY (person) REFERENCES public.people(id) ON UPDATE CASCADE ON DELETE SET NULL;


--
-- Name: orders_old orders_person_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.orders_old
    ADD CONSTRAINT orders_person_fkey FOREIGN KEY (person) REFERENCES public.people(id) ON UPDATE CASCADE ON DELETE SET NULL;


--
-- Name: people look;; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "look;" ON public.people FOR SELECT USING ((EXISTS ( SELECT 1
   FROM public.quick q
  WHERE ((q.a = people.id) AND (q.c <> ';)'::text)))));


--
-- Name: people own; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY own ON public.people AS RESTRICTIVE FOR UPDATE USING (((name = CURRENT_USER) OR (name = ';'::text))) WITH CHECK ((length(name) > 0));


--
-- Name: POLICY own ON people; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON POLICY own ON public.people IS 'p;';


--
-- Name: people; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.people ENABLE ROW LEVEL SECURITY;

--
-- Name: changes; Type: PUBLICATION; Schema: -; Owner: -
--

CREATE PUBLICATION changes WITH (publish = 'insert, update');


--
-- Name: changes child; Type: PUBLICATION TABLE; Schema: public; Owner: -
--

ALTER PUBLICATION changes ADD TABLE ONLY public.child;


--
-- Name: changes people; Type: PUBLICATION TABLE; Schema: public; Owner: -
--

ALTER PUBLICATION changes ADD TABLE ONLY public.people;


--
-- Name: changes quick; Type: PUBLICATION TABLE; Schema: public; Owner: -
--

ALTER PUBLICATION changes ADD TABLE ONLY public.quick;


--
-- Name: SEQUENCE counter; Type: ACL; Schema: public; Owner: -
--

GRANT ALL ON SEQUENCE public.counter TO PUBLIC;


--
-- Name: COLUMN people.id; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT(id) ON TABLE public.people TO PUBLIC;


--
-- Name: COLUMN people.name; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(name) ON TABLE public.people TO PUBLIC;


--
-- Name: COLUMN people."full;name"; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT("full;name") ON TABLE public.people TO PUBLIC;


--
-- Name: SEQUENCE people_id_seq; Type: ACL; Schema: public; Owner: -
--

GRANT ALL ON SEQUENCE public.people_id_seq TO PUBLIC;


--
-- Name: SEQUENCE quick_b_seq; Type: ACL; Schema: public; Owner: -
--

GRANT ALL ON SEQUENCE public.quick_b_seq TO PUBLIC;


--
-- Name: DEFAULT PRIVILEGES FOR TABLES; Type: DEFAULT ACL; Schema: Shop;; Owner: -
--

ALTER DEFAULT PRIVILEGES IN SCHEMA "Shop;" GRANT SELECT ON TABLES  TO PUBLIC;


--
-- Name: summary; Type: MATERIALIZED VIEW DATA; Schema: public; Owner: -
--

REFRESH MATERIALIZED VIEW public.summary;


--
-- PostgreSQL database dump complete
--


