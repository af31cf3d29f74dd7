//! Any bytes as a script: what `src/pg/statements/tests/properties.rs` promises must hold.
#![no_main]

use std::hash::{DefaultHasher, Hash, Hasher};

use libfuzzer_sys::fuzz_target;
use pgkeel::pg::statements;

#[path = "../../src/pg/statements/tests/properties.rs"]
mod properties;

fuzz_target!(|data: &[u8]| {
    // The same input has the same chunks.
    let mut hasher = DefaultHasher::new();
    data.hash(&mut hasher);
    properties::check(data, hasher.finish());
});
