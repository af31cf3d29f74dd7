CREATE OPERATOR FAMILY mixed USING btree;
ALTER OPERATOR FAMILY mixed USING btree ADD
  OPERATOR 1 < (int, bigint), OPERATOR 2 <= (int, bigint), OPERATOR 3 = (int, bigint), OPERATOR 4 >= (int, bigint), OPERATOR 5 > (int, bigint),
  FUNCTION 1 (int, bigint) btint48cmp(int, bigint);
COMMENT ON OPERATOR FAMILY mixed USING btree IS 'two widths';
CREATE OPERATOR FAMILY empty_one USING hash;
