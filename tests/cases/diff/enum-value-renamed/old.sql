CREATE TYPE mood AS ENUM ('sad', 'hapy', 'fine');
CREATE TABLE t (m mood DEFAULT 'hapy');
