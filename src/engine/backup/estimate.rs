//! How long a backup may take, told before it begins: from the last one of the same database, where there is one.

use std::time::Duration;

use super::manifest::{Manifest, Scope};

/// Bytes of a database that are written and read back in a second, where nothing is known of it: half of what two cores
/// do in our bench.
const BYTES_PER_SECOND: u64 = 50 << 20;

/// The least that one takes: programs start, the catalog is read.
const START: Duration = Duration::from_secs(2);

/// What a whole backup took, of how many bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    took: Duration,
    bytes: u64,
}

impl Pace {
    /// That of an earlier backup; `None` where it did not hold everything.
    pub fn of(earlier: &Manifest) -> Option<Self> {
        let bytes = u64::try_from(earlier.source.bytes).ok().filter(|bytes| *bytes > 0)?;
        let took = Duration::from_millis(earlier.dump_ms + earlier.check_ms);
        (earlier.scope == Scope::Full).then_some(Self { took, bytes })
    }
}

/// How long a backup of a database of `bytes` takes, about.
pub fn estimate(bytes: u64, pace: Option<Pace>) -> Duration {
    match pace {
        Some(Pace { took, bytes: then }) => took.mul_f64(bytes as f64 / then as f64),
        None => START + Duration::from_secs(bytes / BYTES_PER_SECOND),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_one_tells_more_than_the_size() {
        let gigabyte = 1 << 30;
        assert_eq!(estimate(0, None), Duration::from_secs(2));
        assert_eq!(estimate(10 * gigabyte, None), Duration::from_secs(2 + 10 * 1024 / 50));
        let pace = Pace { took: Duration::from_secs(10), bytes: gigabyte };
        assert_eq!(estimate(10 * gigabyte, Some(pace)), Duration::from_secs(100));
    }
}
