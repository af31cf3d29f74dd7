//! The splitter's promises, by example and by property.

mod boundaries;
mod properties;
mod streams;

use crate::pg::statements;

/// How many random cases to try: a hundred times as many when `PGKEEL_LONG` is set.
#[expect(clippy::disallowed_methods, reason = "the tests have no configuration but this variable")]
fn rounds(usual: u64) -> u64 {
    if std::env::var_os("PGKEEL_LONG").is_some_and(|value| !value.is_empty()) { usual * 100 } else { usual }
}
