CREATE TYPE mood AS ENUM ('sad', 'happy', 'fine');
CREATE TABLE t (m mood DEFAULT 'happy');
