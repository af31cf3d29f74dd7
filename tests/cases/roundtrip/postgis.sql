-- PostGIS, whose script fills spatial_ref_sys.
-- refused: createdb verify,restore,rollback 3 only a superuser may create the extension
-- refused: createdb,owner in-place 3 to whom it would have to give what it restores
-- needs: postgis
--- superuser
CREATE EXTENSION postgis;
--- migration
CREATE TABLE towns (id serial PRIMARY KEY, place geometry(Point, 4326));
INSERT INTO towns (place) SELECT ST_SetSRID(ST_MakePoint(n, n), 4326) FROM generate_series(1, 20) n;
CREATE INDEX ON towns USING gist (place);
