CREATE FUNCTION w() RETURNS int LANGUAGE sql AS E'\r\n\tSELECT 1  \r\n\t-- end  \n\n';
