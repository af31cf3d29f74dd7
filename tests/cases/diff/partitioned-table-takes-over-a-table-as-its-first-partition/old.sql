CREATE TABLE event (id integer NOT NULL, day date NOT NULL);
CREATE INDEX event_day ON event (day);
