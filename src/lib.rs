//! pgkeel takes a PostgreSQL schema from a developer's keyboard to production and back.
