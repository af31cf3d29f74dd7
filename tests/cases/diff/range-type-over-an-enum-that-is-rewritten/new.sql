CREATE TYPE size AS ENUM ('xs', 's', 'l', 'm');
CREATE TYPE sizes AS RANGE (subtype = size, multirange_type_name = sizes_multirange);
CREATE TABLE shirt (id integer PRIMARY KEY, fits sizes, many sizes_multirange);
