//! The splitter's promises, by example and by property.

mod boundaries;
mod streams;
