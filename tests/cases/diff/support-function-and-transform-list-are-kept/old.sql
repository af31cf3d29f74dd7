CREATE FUNCTION begins(a text, b text) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT SUPPORT textlike_support AS 'textlike';
CREATE FUNCTION plain(a text, b text) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'textlike';
