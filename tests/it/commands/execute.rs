//! `execute`.
