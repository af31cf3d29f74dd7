CREATE TABLE __diesel_schema_migrations (version varchar(50) PRIMARY KEY, run_on timestamp NOT NULL DEFAULT now());
CREATE TABLE _prisma_migrations (id varchar(36) PRIMARY KEY);
CREATE TABLE ours (id integer PRIMARY KEY);
