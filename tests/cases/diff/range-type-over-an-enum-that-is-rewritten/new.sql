CREATE TYPE size AS ENUM ('xs', 's', 'l', 'm');
CREATE TYPE sizes AS RANGE (subtype = size, multirange_type_name = sizemultirange);
CREATE TABLE shirt (id integer PRIMARY KEY, fits sizes, many sizemultirange);
