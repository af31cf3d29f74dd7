CREATE TABLE event (id integer NOT NULL, day date NOT NULL, CONSTRAINT event_pkey PRIMARY KEY (id, day));
CREATE INDEX event_day ON event (day);
