CREATE TABLE everyday (
    id serial PRIMARY KEY, a smallint, b bigint NOT NULL, c real, d double precision, e numeric(10, 2), f money, g text NOT NULL,
    h varchar, i varchar(30), j char, k char(7), l bytea, m date, n time, o timetz, p timestamp, q timestamptz NOT NULL, r interval,
    s boolean NOT NULL, t uuid, u json, v jsonb, w inet, x cidr, y macaddr, z macaddr8
);
CREATE TABLE others (
    id bigserial PRIMARY KEY, a int4range, b int8range, c numrange, d tsrange, e tstzrange, f daterange, g int4multirange,
    h int8multirange, i nummultirange, j tsmultirange, k tstzmultirange, l datemultirange, m tsvector, n tsquery, o xml, p bit(3),
    q varbit(5), r point, s box, t oid, u regclass, v name, w "char", x xid, y pg_lsn, z timestamp(3), za interval day
);
