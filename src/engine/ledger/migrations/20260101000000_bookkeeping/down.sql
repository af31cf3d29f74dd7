DROP TABLE seed;
DROP TABLE environment;
DROP TABLE migration;
DROP TABLE operation;
