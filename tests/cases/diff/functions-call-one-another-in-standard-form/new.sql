CREATE FUNCTION z_base(a bigint) RETURNS int RETURN (a + 1)::int;
CREATE FUNCTION a_user(a int) RETURNS int RETURN z_base(a) * 3;
CREATE VIEW m_view AS SELECT a_user(1) AS x;
