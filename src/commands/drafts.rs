//! Migrations made from two catalogs, for `migrate`, `drift --fix` and `rollback`: planned, proved in a shadow database, written.
