//! `small`.
