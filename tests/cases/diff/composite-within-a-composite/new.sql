CREATE TYPE inner_c AS (a bigint);
CREATE TYPE outer_c AS (i inner_c, n integer, more inner_c[]);
CREATE TYPE last_c AS (o outer_c);
