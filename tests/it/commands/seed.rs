//! `seed`.
