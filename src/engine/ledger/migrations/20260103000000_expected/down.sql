DROP TABLE expected;
