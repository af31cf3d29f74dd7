CREATE TABLE event (id int CONSTRAINT ev_pkey PRIMARY KEY, day date);
CREATE PUBLICATION p FOR TABLE event WITH (publish = 'insert, truncate');
