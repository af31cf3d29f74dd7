CREATE SCHEMA "My ""Schema"".x";
