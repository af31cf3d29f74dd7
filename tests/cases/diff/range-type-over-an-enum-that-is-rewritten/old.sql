CREATE TYPE size AS ENUM ('s', 'm', 'l');
CREATE TYPE sizes AS RANGE (subtype = size);
CREATE TABLE shirt (id integer PRIMARY KEY, fits sizes, many sizes_multirange);
