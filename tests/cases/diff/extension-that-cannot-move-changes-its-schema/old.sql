CREATE SCHEMA old_ext;
CREATE EXTENSION "uuid-ossp" SCHEMA old_ext;
CREATE TABLE t (id uuid DEFAULT old_ext.uuid_generate_v4());
