-- CHECKs read other tables, in both orders of their names and through a view.
--- migration
CREATE TABLE zones (id int PRIMARY KEY, is_open boolean);
INSERT INTO zones SELECT n, true FROM generate_series(1, 20) n;
CREATE VIEW open_zones AS SELECT id FROM public.zones WHERE is_open;
CREATE FUNCTION is_open(int) RETURNS boolean LANGUAGE sql STABLE
  AS 'SELECT EXISTS (SELECT 1 FROM public.zones WHERE id = $1 AND is_open)';
CREATE FUNCTION is_shown(int) RETURNS boolean LANGUAGE plpgsql STABLE
  AS 'BEGIN RETURN EXISTS (SELECT 1 FROM public.open_zones WHERE id = $1); END';
CREATE TABLE visits (id serial PRIMARY KEY, zone int CHECK (is_open(zone)));
INSERT INTO visits (zone) SELECT n FROM generate_series(1, 20) n;
CREATE TABLE a_visits (id serial PRIMARY KEY, zone int CHECK (is_shown(zone)));
INSERT INTO a_visits (zone) SELECT n FROM generate_series(1, 20) n;
