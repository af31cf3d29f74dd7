SELECT 1 AS nothing;
