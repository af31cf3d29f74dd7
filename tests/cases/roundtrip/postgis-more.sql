-- PostGIS with rows of people in spatial_ref_sys, topology, raster, and the geocoder with its data types.
-- needs: postgis postgis_topology postgis_raster fuzzystrmatch postgis_tiger_geocoder address_standardizer
-- runners: superuser
-- changes: superuser restore,in-place,rollback 0 sequence topology.topology_id_seq
--- superuser
CREATE EXTENSION postgis; CREATE EXTENSION postgis_topology; CREATE EXTENSION postgis_raster; CREATE EXTENSION fuzzystrmatch;
CREATE EXTENSION postgis_tiger_geocoder; CREATE EXTENSION address_standardizer;
INSERT INTO spatial_ref_sys (srid, auth_name, auth_srid, proj4text) VALUES (990001, 'of people', 1, '+proj=longlat +datum=WGS84 +no_defs');
-- This sequence is a member that PostGIS does not mark as configuration: pg_dump leaves its value out.
SELECT topology.CreateTopology('city', 4326);
--- migration
CREATE TABLE roads (id serial PRIMARY KEY, line geometry(LineString, 4326), area geography(Polygon), tile raster,
  CONSTRAINT line_is_simple CHECK (ST_IsSimple(line)));
INSERT INTO roads (line, area) SELECT ST_SetSRID(ST_MakeLine(ST_MakePoint(n, n), ST_MakePoint(n + 1, n)), 4326),
  ST_Buffer(ST_SetSRID(ST_MakePoint(n, n), 4326)::geography, 10) FROM generate_series(1, 20) n;
UPDATE roads SET tile = ST_AddBand(ST_MakeEmptyRaster(4, 4, 0, 0, 1), '8BUI'::text, 1, 0);
CREATE INDEX ON roads USING gist (area); CREATE INDEX ON roads USING spgist (line); CREATE INDEX ON roads USING gist (ST_ConvexHull(tile));
ALTER TABLE roads ADD length float8 GENERATED ALWAYS AS (ST_Length(line)) STORED;
CREATE MATERIALIZED VIEW shapes AS SELECT id, ST_AsText(line) AS text, ST_Transform(line, 3857) AS flat FROM roads;
CREATE VIEW near AS SELECT a.id, b.id AS other FROM roads a JOIN roads b ON ST_DWithin(a.area, b.area, 1000);
