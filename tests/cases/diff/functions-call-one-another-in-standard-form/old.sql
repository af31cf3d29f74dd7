CREATE FUNCTION z_base(a int) RETURNS int RETURN a + 1;
CREATE FUNCTION a_user(a int) RETURNS int RETURN z_base(a) * 2;
CREATE VIEW m_view AS SELECT a_user(1) AS x;
