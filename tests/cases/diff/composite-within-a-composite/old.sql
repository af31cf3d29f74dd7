CREATE TYPE inner_c AS (a integer);
CREATE TYPE outer_c AS (i inner_c, n integer);
