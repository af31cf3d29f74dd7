--
-- PostgreSQL database dump
--

\restrict An6WqKZByNrLANuCNtvG3veGnsLNxKLR4ZNXAl1w1OzhsnrOti5pBwG9UxsvawR

-- Dumped from database version 18.4
-- Dumped by pg_dump version 18.4

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: shop; Type: DATABASE; Schema: -; Owner: archivist
--

CREATE DATABASE shop WITH TEMPLATE = template0 ENCODING = 'UTF8' LOCALE_PROVIDER = libc LOCALE = 'C.UTF-8';


ALTER DATABASE shop OWNER TO archivist;

\unrestrict An6WqKZByNrLANuCNtvG3veGnsLNxKLR4ZNXAl1w1OzhsnrOti5pBwG9UxsvawR
\connect shop
\restrict An6WqKZByNrLANuCNtvG3veGnsLNxKLR4ZNXAl1w1OzhsnrOti5pBwG9UxsvawR

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: Odd "Schema"; Type: SCHEMA; Schema: -; Owner: archivist
--

CREATE SCHEMA "Odd ""Schema""";


ALTER SCHEMA "Odd ""Schema""" OWNER TO archivist;

--
-- Name: shadow; Type: SCHEMA; Schema: -; Owner: archivist
--

CREATE SCHEMA shadow;


ALTER SCHEMA shadow OWNER TO archivist;

--
-- Name: trap(); Type: FUNCTION; Schema: public; Owner: archivist
--

CREATE FUNCTION public.trap() RETURNS text
    LANGUAGE plpgsql
    AS $$
BEGIN
    RETURN '
COPY public.trap (a) FROM stdin;
1
\.
-- PostgreSQL database dump complete
\unrestrict
';
END
$$;


ALTER FUNCTION public.trap() OWNER TO archivist;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: a.b; --; Type: TABLE; Schema: Odd "Schema"; Owner: archivist
--

CREATE TABLE "Odd ""Schema"""."a.b; --" (
    "from" integer NOT NULL,
    "Ü(stdin)" text
);


ALTER TABLE "Odd ""Schema"""."a.b; --" OWNER TO archivist;

--
-- Name: bare; Type: TABLE; Schema: public; Owner: archivist
--

CREATE TABLE public.bare (
);


ALTER TABLE public.bare OWNER TO archivist;

--
-- Name: counter; Type: SEQUENCE; Schema: public; Owner: archivist
--

CREATE SEQUENCE public.counter
    START WITH 42
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER SEQUENCE public.counter OWNER TO archivist;

--
-- Name: empty; Type: TABLE; Schema: public; Owner: archivist
--

CREATE TABLE public.empty (
    a integer,
    b text
);


ALTER TABLE public.empty OWNER TO archivist;

--
-- Name: events; Type: TABLE; Schema: public; Owner: archivist
--

CREATE TABLE public.events (
    at date NOT NULL,
    what text
)
PARTITION BY RANGE (at);


ALTER TABLE public.events OWNER TO archivist;

--
-- Name: events_2025; Type: TABLE; Schema: public; Owner: archivist
--

CREATE TABLE public.events_2025 (
    at date CONSTRAINT events_at_not_null NOT NULL,
    what text
);


ALTER TABLE public.events_2025 OWNER TO archivist;

--
-- Name: events_2026; Type: TABLE; Schema: public; Owner: archivist
--

CREATE TABLE public.events_2026 (
    at date CONSTRAINT events_at_not_null NOT NULL,
    what text
);


ALTER TABLE public.events_2026 OWNER TO archivist;

--
-- Name: files; Type: TABLE; Schema: public; Owner: archivist
--

CREATE TABLE public.files (
    id integer,
    content bytea,
    size integer GENERATED ALWAYS AS (length(content)) STORED
);


ALTER TABLE public.files OWNER TO archivist;

--
-- Name: totals; Type: MATERIALIZED VIEW; Schema: public; Owner: archivist
--

CREATE MATERIALIZED VIEW public.totals AS
 SELECT count(*) AS files
   FROM public.files
  WITH NO DATA;


ALTER MATERIALIZED VIEW public.totals OWNER TO archivist;

--
-- Name: files; Type: VIEW; Schema: shadow; Owner: archivist
--

CREATE VIEW shadow.files AS
 SELECT id
   FROM public.files;


ALTER VIEW shadow.files OWNER TO archivist;

--
-- Name: events_2025; Type: TABLE ATTACH; Schema: public; Owner: archivist
--

ALTER TABLE ONLY public.events ATTACH PARTITION public.events_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');


--
-- Name: events_2026; Type: TABLE ATTACH; Schema: public; Owner: archivist
--

ALTER TABLE ONLY public.events ATTACH PARTITION public.events_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');


--
-- Data for Name: a.b; --; Type: TABLE DATA; Schema: Odd "Schema"; Owner: archivist
--

COPY "Odd ""Schema"""."a.b; --" ("from", "Ü(stdin)") FROM stdin;
1	plain
2	\N
3	
4	\\.
5	\\.\n\\.\n
6	tab\there, line\nbreak, return\r, \\N
7	COPY public.nothing (a) FROM stdin;
8	-- PostgreSQL database dump complete\n
9	Ünïcødé 🐘
10	long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long 
\.


--
-- Data for Name: bare; Type: TABLE DATA; Schema: public; Owner: archivist
--

COPY public.bare  FROM stdin;



\.


--
-- Data for Name: empty; Type: TABLE DATA; Schema: public; Owner: archivist
--

COPY public.empty (a, b) FROM stdin;
\.


--
-- Data for Name: events_2025; Type: TABLE DATA; Schema: public; Owner: archivist
--

COPY public.events_2025 (at, what) FROM stdin;
2025-06-02	event 1
2025-06-03	event 2
2025-06-04	event 3
2025-06-05	event 4
2025-06-06	event 5
2025-06-07	event 6
2025-06-08	event 7
2025-06-09	event 8
2025-06-10	event 9
2025-06-11	event 10
2025-06-12	event 11
2025-06-13	event 12
2025-06-14	event 13
2025-06-15	event 14
2025-06-16	event 15
2025-06-17	event 16
2025-06-18	event 17
2025-06-19	event 18
2025-06-20	event 19
2025-06-21	event 20
2025-06-22	event 21
2025-06-23	event 22
2025-06-24	event 23
2025-06-25	event 24
2025-06-26	event 25
2025-06-27	event 26
2025-06-28	event 27
2025-06-29	event 28
2025-06-30	event 29
2025-07-01	event 30
2025-07-02	event 31
2025-07-03	event 32
2025-07-04	event 33
2025-07-05	event 34
2025-07-06	event 35
2025-07-07	event 36
2025-07-08	event 37
2025-07-09	event 38
2025-07-10	event 39
2025-07-11	event 40
2025-07-12	event 41
2025-07-13	event 42
2025-07-14	event 43
2025-07-15	event 44
2025-07-16	event 45
2025-07-17	event 46
2025-07-18	event 47
2025-07-19	event 48
2025-07-20	event 49
2025-07-21	event 50
2025-07-22	event 51
2025-07-23	event 52
2025-07-24	event 53
2025-07-25	event 54
2025-07-26	event 55
2025-07-27	event 56
2025-07-28	event 57
2025-07-29	event 58
2025-07-30	event 59
2025-07-31	event 60
2025-08-01	event 61
2025-08-02	event 62
2025-08-03	event 63
2025-08-04	event 64
2025-08-05	event 65
2025-08-06	event 66
2025-08-07	event 67
2025-08-08	event 68
2025-08-09	event 69
2025-08-10	event 70
2025-08-11	event 71
2025-08-12	event 72
2025-08-13	event 73
2025-08-14	event 74
2025-08-15	event 75
2025-08-16	event 76
2025-08-17	event 77
2025-08-18	event 78
2025-08-19	event 79
2025-08-20	event 80
2025-08-21	event 81
2025-08-22	event 82
2025-08-23	event 83
2025-08-24	event 84
2025-08-25	event 85
2025-08-26	event 86
2025-08-27	event 87
2025-08-28	event 88
2025-08-29	event 89
2025-08-30	event 90
2025-08-31	event 91
2025-09-01	event 92
2025-09-02	event 93
2025-09-03	event 94
2025-09-04	event 95
2025-09-05	event 96
2025-09-06	event 97
2025-09-07	event 98
2025-09-08	event 99
2025-09-09	event 100
2025-09-10	event 101
2025-09-11	event 102
2025-09-12	event 103
2025-09-13	event 104
2025-09-14	event 105
2025-09-15	event 106
2025-09-16	event 107
2025-09-17	event 108
2025-09-18	event 109
2025-09-19	event 110
2025-09-20	event 111
2025-09-21	event 112
2025-09-22	event 113
2025-09-23	event 114
2025-09-24	event 115
2025-09-25	event 116
2025-09-26	event 117
2025-09-27	event 118
2025-09-28	event 119
2025-09-29	event 120
2025-09-30	event 121
2025-10-01	event 122
2025-10-02	event 123
2025-10-03	event 124
2025-10-04	event 125
2025-10-05	event 126
2025-10-06	event 127
2025-10-07	event 128
2025-10-08	event 129
2025-10-09	event 130
2025-10-10	event 131
2025-10-11	event 132
2025-10-12	event 133
2025-10-13	event 134
2025-10-14	event 135
2025-10-15	event 136
2025-10-16	event 137
2025-10-17	event 138
2025-10-18	event 139
2025-10-19	event 140
2025-10-20	event 141
2025-10-21	event 142
2025-10-22	event 143
2025-10-23	event 144
2025-10-24	event 145
2025-10-25	event 146
2025-10-26	event 147
2025-10-27	event 148
2025-10-28	event 149
2025-10-29	event 150
2025-10-30	event 151
2025-10-31	event 152
2025-11-01	event 153
2025-11-02	event 154
2025-11-03	event 155
2025-11-04	event 156
2025-11-05	event 157
2025-11-06	event 158
2025-11-07	event 159
2025-11-08	event 160
2025-11-09	event 161
2025-11-10	event 162
2025-11-11	event 163
2025-11-12	event 164
2025-11-13	event 165
2025-11-14	event 166
2025-11-15	event 167
2025-11-16	event 168
2025-11-17	event 169
2025-11-18	event 170
2025-11-19	event 171
2025-11-20	event 172
2025-11-21	event 173
2025-11-22	event 174
2025-11-23	event 175
2025-11-24	event 176
2025-11-25	event 177
2025-11-26	event 178
2025-11-27	event 179
2025-11-28	event 180
2025-11-29	event 181
2025-11-30	event 182
2025-12-01	event 183
2025-12-02	event 184
2025-12-03	event 185
2025-12-04	event 186
2025-12-05	event 187
2025-12-06	event 188
2025-12-07	event 189
2025-12-08	event 190
2025-12-09	event 191
2025-12-10	event 192
2025-12-11	event 193
2025-12-12	event 194
2025-12-13	event 195
2025-12-14	event 196
2025-12-15	event 197
2025-12-16	event 198
2025-12-17	event 199
2025-12-18	event 200
2025-12-19	event 201
2025-12-20	event 202
2025-12-21	event 203
2025-12-22	event 204
2025-12-23	event 205
2025-12-24	event 206
2025-12-25	event 207
2025-12-26	event 208
2025-12-27	event 209
2025-12-28	event 210
2025-12-29	event 211
2025-12-30	event 212
2025-12-31	event 213
\.


--
-- Data for Name: events_2026; Type: TABLE DATA; Schema: public; Owner: archivist
--

COPY public.events_2026 (at, what) FROM stdin;
2026-01-01	event 214
2026-01-02	event 215
2026-01-03	event 216
2026-01-04	event 217
2026-01-05	event 218
2026-01-06	event 219
2026-01-07	event 220
2026-01-08	event 221
2026-01-09	event 222
2026-01-10	event 223
2026-01-11	event 224
2026-01-12	event 225
2026-01-13	event 226
2026-01-14	event 227
2026-01-15	event 228
2026-01-16	event 229
2026-01-17	event 230
2026-01-18	event 231
2026-01-19	event 232
2026-01-20	event 233
2026-01-21	event 234
2026-01-22	event 235
2026-01-23	event 236
2026-01-24	event 237
2026-01-25	event 238
2026-01-26	event 239
2026-01-27	event 240
2026-01-28	event 241
2026-01-29	event 242
2026-01-30	event 243
2026-01-31	event 244
2026-02-01	event 245
2026-02-02	event 246
2026-02-03	event 247
2026-02-04	event 248
2026-02-05	event 249
2026-02-06	event 250
2026-02-07	event 251
2026-02-08	event 252
2026-02-09	event 253
2026-02-10	event 254
2026-02-11	event 255
2026-02-12	event 256
2026-02-13	event 257
2026-02-14	event 258
2026-02-15	event 259
2026-02-16	event 260
2026-02-17	event 261
2026-02-18	event 262
2026-02-19	event 263
2026-02-20	event 264
2026-02-21	event 265
2026-02-22	event 266
2026-02-23	event 267
2026-02-24	event 268
2026-02-25	event 269
2026-02-26	event 270
2026-02-27	event 271
2026-02-28	event 272
2026-03-01	event 273
2026-03-02	event 274
2026-03-03	event 275
2026-03-04	event 276
2026-03-05	event 277
2026-03-06	event 278
2026-03-07	event 279
2026-03-08	event 280
2026-03-09	event 281
2026-03-10	event 282
2026-03-11	event 283
2026-03-12	event 284
2026-03-13	event 285
2026-03-14	event 286
2026-03-15	event 287
2026-03-16	event 288
2026-03-17	event 289
2026-03-18	event 290
2026-03-19	event 291
2026-03-20	event 292
2026-03-21	event 293
2026-03-22	event 294
2026-03-23	event 295
2026-03-24	event 296
2026-03-25	event 297
2026-03-26	event 298
2026-03-27	event 299
2026-03-28	event 300
2026-03-29	event 301
2026-03-30	event 302
2026-03-31	event 303
2026-04-01	event 304
2026-04-02	event 305
2026-04-03	event 306
2026-04-04	event 307
2026-04-05	event 308
2026-04-06	event 309
2026-04-07	event 310
2026-04-08	event 311
2026-04-09	event 312
2026-04-10	event 313
2026-04-11	event 314
2026-04-12	event 315
2026-04-13	event 316
2026-04-14	event 317
2026-04-15	event 318
2026-04-16	event 319
2026-04-17	event 320
2026-04-18	event 321
2026-04-19	event 322
2026-04-20	event 323
2026-04-21	event 324
2026-04-22	event 325
2026-04-23	event 326
2026-04-24	event 327
2026-04-25	event 328
2026-04-26	event 329
2026-04-27	event 330
2026-04-28	event 331
2026-04-29	event 332
2026-04-30	event 333
2026-05-01	event 334
2026-05-02	event 335
2026-05-03	event 336
2026-05-04	event 337
2026-05-05	event 338
2026-05-06	event 339
2026-05-07	event 340
2026-05-08	event 341
2026-05-09	event 342
2026-05-10	event 343
2026-05-11	event 344
2026-05-12	event 345
2026-05-13	event 346
2026-05-14	event 347
2026-05-15	event 348
2026-05-16	event 349
2026-05-17	event 350
2026-05-18	event 351
2026-05-19	event 352
2026-05-20	event 353
2026-05-21	event 354
2026-05-22	event 355
2026-05-23	event 356
2026-05-24	event 357
2026-05-25	event 358
2026-05-26	event 359
2026-05-27	event 360
2026-05-28	event 361
2026-05-29	event 362
2026-05-30	event 363
2026-05-31	event 364
2026-06-01	event 365
2026-06-02	event 366
2026-06-03	event 367
2026-06-04	event 368
2026-06-05	event 369
2026-06-06	event 370
2026-06-07	event 371
2026-06-08	event 372
2026-06-09	event 373
2026-06-10	event 374
2026-06-11	event 375
2026-06-12	event 376
2026-06-13	event 377
2026-06-14	event 378
2026-06-15	event 379
2026-06-16	event 380
2026-06-17	event 381
2026-06-18	event 382
2026-06-19	event 383
2026-06-20	event 384
2026-06-21	event 385
2026-06-22	event 386
2026-06-23	event 387
2026-06-24	event 388
2026-06-25	event 389
2026-06-26	event 390
2026-06-27	event 391
2026-06-28	event 392
2026-06-29	event 393
2026-06-30	event 394
2026-07-01	event 395
2026-07-02	event 396
2026-07-03	event 397
2026-07-04	event 398
2026-07-05	event 399
2026-07-06	event 400
\.


--
-- Data for Name: files; Type: TABLE DATA; Schema: public; Owner: archivist
--

COPY public.files (id, content) FROM stdin;
1	\\xc4ca4238a0b923820dcc509a6f75849b
2	\\xc81e728d9d4c2f636f067f89cc14862cc81e728d9d4c2f636f067f89cc14862c
3	\\xeccbc87e4b5ce2fe28308fd9f2a7baf3eccbc87e4b5ce2fe28308fd9f2a7baf3eccbc87e4b5ce2fe28308fd9f2a7baf3
4	\\xa87ff679a2f3e71d9181a67b7542122ca87ff679a2f3e71d9181a67b7542122ca87ff679a2f3e71d9181a67b7542122ca87ff679a2f3e71d9181a67b7542122c
5	\\xe4da3b7fbbce2345d7772b0674a318d5e4da3b7fbbce2345d7772b0674a318d5e4da3b7fbbce2345d7772b0674a318d5e4da3b7fbbce2345d7772b0674a318d5e4da3b7fbbce2345d7772b0674a318d5
6	\\x1679091c5a880faf6fb5e6087eb1b2dc1679091c5a880faf6fb5e6087eb1b2dc1679091c5a880faf6fb5e6087eb1b2dc1679091c5a880faf6fb5e6087eb1b2dc1679091c5a880faf6fb5e6087eb1b2dc1679091c5a880faf6fb5e6087eb1b2dc
7	\\x8f14e45fceea167a5a36dedd4bea25438f14e45fceea167a5a36dedd4bea25438f14e45fceea167a5a36dedd4bea25438f14e45fceea167a5a36dedd4bea25438f14e45fceea167a5a36dedd4bea25438f14e45fceea167a5a36dedd4bea25438f14e45fceea167a5a36dedd4bea2543
8	\\xc9f0f895fb98ab9159f51fd0297e236dc9f0f895fb98ab9159f51fd0297e236dc9f0f895fb98ab9159f51fd0297e236dc9f0f895fb98ab9159f51fd0297e236dc9f0f895fb98ab9159f51fd0297e236dc9f0f895fb98ab9159f51fd0297e236dc9f0f895fb98ab9159f51fd0297e236dc9f0f895fb98ab9159f51fd0297e236d
9	\\x45c48cce2e2d7fbdea1afc51c7c6ad2645c48cce2e2d7fbdea1afc51c7c6ad2645c48cce2e2d7fbdea1afc51c7c6ad2645c48cce2e2d7fbdea1afc51c7c6ad2645c48cce2e2d7fbdea1afc51c7c6ad2645c48cce2e2d7fbdea1afc51c7c6ad2645c48cce2e2d7fbdea1afc51c7c6ad2645c48cce2e2d7fbdea1afc51c7c6ad2645c48cce2e2d7fbdea1afc51c7c6ad26
10	\\xd3d9446802a44259755d38e6d163e820d3d9446802a44259755d38e6d163e820d3d9446802a44259755d38e6d163e820d3d9446802a44259755d38e6d163e820d3d9446802a44259755d38e6d163e820d3d9446802a44259755d38e6d163e820d3d9446802a44259755d38e6d163e820d3d9446802a44259755d38e6d163e820d3d9446802a44259755d38e6d163e820d3d9446802a44259755d38e6d163e820
11	\\x6512bd43d9caa6e02c990b0a82652dca6512bd43d9caa6e02c990b0a82652dca6512bd43d9caa6e02c990b0a82652dca6512bd43d9caa6e02c990b0a82652dca6512bd43d9caa6e02c990b0a82652dca6512bd43d9caa6e02c990b0a82652dca6512bd43d9caa6e02c990b0a82652dca6512bd43d9caa6e02c990b0a82652dca6512bd43d9caa6e02c990b0a82652dca6512bd43d9caa6e02c990b0a82652dca6512bd43d9caa6e02c990b0a82652dca
12	\\xc20ad4d76fe97759aa27a0c99bff6710c20ad4d76fe97759aa27a0c99bff6710c20ad4d76fe97759aa27a0c99bff6710c20ad4d76fe97759aa27a0c99bff6710c20ad4d76fe97759aa27a0c99bff6710c20ad4d76fe97759aa27a0c99bff6710c20ad4d76fe97759aa27a0c99bff6710c20ad4d76fe97759aa27a0c99bff6710c20ad4d76fe97759aa27a0c99bff6710c20ad4d76fe97759aa27a0c99bff6710c20ad4d76fe97759aa27a0c99bff6710c20ad4d76fe97759aa27a0c99bff6710
13	\\xc51ce410c124a10e0db5e4b97fc2af39c51ce410c124a10e0db5e4b97fc2af39c51ce410c124a10e0db5e4b97fc2af39c51ce410c124a10e0db5e4b97fc2af39c51ce410c124a10e0db5e4b97fc2af39c51ce410c124a10e0db5e4b97fc2af39c51ce410c124a10e0db5e4b97fc2af39c51ce410c124a10e0db5e4b97fc2af39c51ce410c124a10e0db5e4b97fc2af39c51ce410c124a10e0db5e4b97fc2af39c51ce410c124a10e0db5e4b97fc2af39c51ce410c124a10e0db5e4b97fc2af39c51ce410c124a10e0db5e4b97fc2af39
14	\\xaab3238922bcc25a6f606eb525ffdc56aab3238922bcc25a6f606eb525ffdc56aab3238922bcc25a6f606eb525ffdc56aab3238922bcc25a6f606eb525ffdc56aab3238922bcc25a6f606eb525ffdc56aab3238922bcc25a6f606eb525ffdc56aab3238922bcc25a6f606eb525ffdc56aab3238922bcc25a6f606eb525ffdc56aab3238922bcc25a6f606eb525ffdc56aab3238922bcc25a6f606eb525ffdc56aab3238922bcc25a6f606eb525ffdc56aab3238922bcc25a6f606eb525ffdc56aab3238922bcc25a6f606eb525ffdc56aab3238922bcc25a6f606eb525ffdc56
15	\\x9bf31c7ff062936a96d3c8bd1f8f2ff39bf31c7ff062936a96d3c8bd1f8f2ff39bf31c7ff062936a96d3c8bd1f8f2ff39bf31c7ff062936a96d3c8bd1f8f2ff39bf31c7ff062936a96d3c8bd1f8f2ff39bf31c7ff062936a96d3c8bd1f8f2ff39bf31c7ff062936a96d3c8bd1f8f2ff39bf31c7ff062936a96d3c8bd1f8f2ff39bf31c7ff062936a96d3c8bd1f8f2ff39bf31c7ff062936a96d3c8bd1f8f2ff39bf31c7ff062936a96d3c8bd1f8f2ff39bf31c7ff062936a96d3c8bd1f8f2ff39bf31c7ff062936a96d3c8bd1f8f2ff39bf31c7ff062936a96d3c8bd1f8f2ff39bf31c7ff062936a96d3c8bd1f8f2ff3
16	\\xc74d97b01eae257e44aa9d5bade97bafc74d97b01eae257e44aa9d5bade97bafc74d97b01eae257e44aa9d5bade97bafc74d97b01eae257e44aa9d5bade97bafc74d97b01eae257e44aa9d5bade97bafc74d97b01eae257e44aa9d5bade97bafc74d97b01eae257e44aa9d5bade97bafc74d97b01eae257e44aa9d5bade97bafc74d97b01eae257e44aa9d5bade97bafc74d97b01eae257e44aa9d5bade97bafc74d97b01eae257e44aa9d5bade97bafc74d97b01eae257e44aa9d5bade97bafc74d97b01eae257e44aa9d5bade97bafc74d97b01eae257e44aa9d5bade97bafc74d97b01eae257e44aa9d5bade97bafc74d97b01eae257e44aa9d5bade97baf
17	\\x70efdf2ec9b086079795c442636b55fb70efdf2ec9b086079795c442636b55fb70efdf2ec9b086079795c442636b55fb70efdf2ec9b086079795c442636b55fb70efdf2ec9b086079795c442636b55fb70efdf2ec9b086079795c442636b55fb70efdf2ec9b086079795c442636b55fb70efdf2ec9b086079795c442636b55fb70efdf2ec9b086079795c442636b55fb70efdf2ec9b086079795c442636b55fb70efdf2ec9b086079795c442636b55fb70efdf2ec9b086079795c442636b55fb70efdf2ec9b086079795c442636b55fb70efdf2ec9b086079795c442636b55fb70efdf2ec9b086079795c442636b55fb70efdf2ec9b086079795c442636b55fb70efdf2ec9b086079795c442636b55fb
18	\\x6f4922f45568161a8cdf4ad2299f6d236f4922f45568161a8cdf4ad2299f6d236f4922f45568161a8cdf4ad2299f6d236f4922f45568161a8cdf4ad2299f6d236f4922f45568161a8cdf4ad2299f6d236f4922f45568161a8cdf4ad2299f6d236f4922f45568161a8cdf4ad2299f6d236f4922f45568161a8cdf4ad2299f6d236f4922f45568161a8cdf4ad2299f6d236f4922f45568161a8cdf4ad2299f6d236f4922f45568161a8cdf4ad2299f6d236f4922f45568161a8cdf4ad2299f6d236f4922f45568161a8cdf4ad2299f6d236f4922f45568161a8cdf4ad2299f6d236f4922f45568161a8cdf4ad2299f6d236f4922f45568161a8cdf4ad2299f6d236f4922f45568161a8cdf4ad2299f6d236f4922f45568161a8cdf4ad2299f6d23
19	\\x1f0e3dad99908345f7439f8ffabdffc41f0e3dad99908345f7439f8ffabdffc41f0e3dad99908345f7439f8ffabdffc41f0e3dad99908345f7439f8ffabdffc41f0e3dad99908345f7439f8ffabdffc41f0e3dad99908345f7439f8ffabdffc41f0e3dad99908345f7439f8ffabdffc41f0e3dad99908345f7439f8ffabdffc41f0e3dad99908345f7439f8ffabdffc41f0e3dad99908345f7439f8ffabdffc41f0e3dad99908345f7439f8ffabdffc41f0e3dad99908345f7439f8ffabdffc41f0e3dad99908345f7439f8ffabdffc41f0e3dad99908345f7439f8ffabdffc41f0e3dad99908345f7439f8ffabdffc41f0e3dad99908345f7439f8ffabdffc41f0e3dad99908345f7439f8ffabdffc41f0e3dad99908345f7439f8ffabdffc41f0e3dad99908345f7439f8ffabdffc4
20	\\x98f13708210194c475687be6106a3b8498f13708210194c475687be6106a3b8498f13708210194c475687be6106a3b8498f13708210194c475687be6106a3b8498f13708210194c475687be6106a3b8498f13708210194c475687be6106a3b8498f13708210194c475687be6106a3b8498f13708210194c475687be6106a3b8498f13708210194c475687be6106a3b8498f13708210194c475687be6106a3b8498f13708210194c475687be6106a3b8498f13708210194c475687be6106a3b8498f13708210194c475687be6106a3b8498f13708210194c475687be6106a3b8498f13708210194c475687be6106a3b8498f13708210194c475687be6106a3b8498f13708210194c475687be6106a3b8498f13708210194c475687be6106a3b8498f13708210194c475687be6106a3b8498f13708210194c475687be6106a3b84
\.


--
-- Name: counter; Type: SEQUENCE SET; Schema: public; Owner: archivist
--

SELECT pg_catalog.setval('public.counter', 42, false);


--
-- Name: 4100001..4100003; Type: BLOB METADATA; Schema: -; Owner: archivist
--

SELECT pg_catalog.lo_create('4100001');
SELECT pg_catalog.lo_create('4100002');
SELECT pg_catalog.lo_create('4100003');

ALTER LARGE OBJECT 4100001 OWNER TO archivist;
ALTER LARGE OBJECT 4100002 OWNER TO archivist;
ALTER LARGE OBJECT 4100003 OWNER TO archivist;

--
-- Data for Name: 4100001..4100003; Type: BLOBS; Schema: -; Owner: archivist
--

BEGIN;

SELECT pg_catalog.lo_open('4100001', 131072);
SELECT pg_catalog.lowrite(0, '\x61206c61726765206f626a656374');
SELECT pg_catalog.lo_close(0);

SELECT pg_catalog.lo_open('4100002', 131072);
SELECT pg_catalog.lo_close(0);

SELECT pg_catalog.lo_open('4100003', 131072);
SELECT pg_catalog.lowrite(0, '\x00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff');
SELECT pg_catalog.lo_close(0);

COMMIT;

--
-- Name: a.b; -- a.b; --_pkey; Type: CONSTRAINT; Schema: Odd "Schema"; Owner: archivist
--

ALTER TABLE ONLY "Odd ""Schema"""."a.b; --"
    ADD CONSTRAINT "a.b; --_pkey" PRIMARY KEY ("from");


--
-- Name: files readers; Type: POLICY; Schema: public; Owner: archivist
--

CREATE POLICY readers ON public.files FOR SELECT USING ((id > 0));


--
-- Name: TABLE files; Type: ACL; Schema: public; Owner: archivist
--

REVOKE ALL ON TABLE public.files FROM archivist;
GRANT SELECT,INSERT,REFERENCES,DELETE,TRIGGER,TRUNCATE,MAINTAIN ON TABLE public.files TO archivist;
GRANT UPDATE ON TABLE public.files TO archivist WITH GRANT OPTION;


--
-- Name: COLUMN files.id; Type: ACL; Schema: public; Owner: archivist
--

GRANT SELECT(id) ON TABLE public.files TO archivist WITH GRANT OPTION;


--
-- Name: DEFAULT PRIVILEGES FOR TABLES; Type: DEFAULT ACL; Schema: shadow; Owner: archivist
--

ALTER DEFAULT PRIVILEGES FOR ROLE archivist IN SCHEMA shadow GRANT SELECT ON TABLES TO archivist;


--
-- Name: totals; Type: MATERIALIZED VIEW DATA; Schema: public; Owner: archivist
--

REFRESH MATERIALIZED VIEW public.totals;


--
-- PostgreSQL database dump complete
--

\unrestrict An6WqKZByNrLANuCNtvG3veGnsLNxKLR4ZNXAl1w1OzhsnrOti5pBwG9UxsvawR

