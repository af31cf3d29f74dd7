CREATE TABLE event (id integer NOT NULL, day bigint NOT NULL) PARTITION BY RANGE (day);
CREATE TABLE event_low PARTITION OF event FOR VALUES FROM ('0') TO ('100');
