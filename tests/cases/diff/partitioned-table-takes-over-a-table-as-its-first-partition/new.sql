CREATE TABLE event (id integer NOT NULL, day date NOT NULL) PARTITION BY RANGE (day);
CREATE INDEX event_all_day ON event (day);
CREATE TABLE event_old (id integer NOT NULL, day date NOT NULL);
CREATE INDEX event_day ON event_old (day);
ALTER TABLE event ATTACH PARTITION event_old FOR VALUES FROM (MINVALUE) TO ('2026-01-01');
