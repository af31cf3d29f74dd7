-- ip4r: types with operator classes for btree, hash and GiST, in an exclusion constraint and as a partition key.
-- refused: createdb verify,restore,rollback 3 only a superuser may create the extension
-- needs: ip4r
--- superuser
CREATE EXTENSION ip4r;
--- migration
CREATE TABLE networks (id serial PRIMARY KEY, range ip4r NOT NULL, address iprange, EXCLUDE USING gist (range WITH &&));
INSERT INTO networks (range, address) SELECT ('10.0.' || n || '.0/24')::ip4r, ('2001:db8::' || n)::iprange FROM generate_series(1, 20) n;
CREATE INDEX ON networks USING gist (address); CREATE INDEX ON networks USING hash (range);
CREATE TABLE hits (source ip4 NOT NULL, count int) PARTITION BY RANGE (source);
CREATE TABLE hits_ten PARTITION OF hits FOR VALUES FROM ('10.0.0.0') TO ('11.0.0.0');
CREATE TABLE hits_rest PARTITION OF hits DEFAULT;
INSERT INTO hits SELECT ('10.0.0.' || n)::ip4, n FROM generate_series(1, 20) n; INSERT INTO hits VALUES ('192.168.0.1', 1);
CREATE DOMAIN private_range AS ip4r CHECK (VALUE <<= '10.0.0.0/8'::ip4r);
CREATE TABLE own (range private_range); INSERT INTO own VALUES ('10.1.0.0/16');
