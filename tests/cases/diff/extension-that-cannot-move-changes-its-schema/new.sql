CREATE SCHEMA new_ext;
CREATE EXTENSION "uuid-ossp" SCHEMA new_ext;
CREATE TABLE t (id uuid DEFAULT new_ext.uuid_generate_v4());
