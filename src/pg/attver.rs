//! `pg_attver`, which the server writes for itself among the options of columns. Since 14.25, 15.20, 16.16, 17.12 and 18.7
//! (CVE-2026-6460) each column keeps the version of its type there; a user can neither set nor remove it.

/// What such an option begins with: pg_dump of these releases leaves out every option that does.
pub const ATTRIBUTE_VERSION: &str = "pg_attver=";
