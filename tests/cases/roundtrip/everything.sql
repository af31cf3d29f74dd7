-- A table, a view, a materialized view and more of each kind.
--- migration
{everything}
