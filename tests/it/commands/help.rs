//! `help`.
