//! The major versions of PostgreSQL that pgkeel is tested with: the only place that names the oldest and the newest.

/// The oldest major version that pgkeel works with.
pub const OLDEST: u32 = 14;

/// The newest major version that pgkeel is tested with. A newer one is used as well as it can be, with a warning.
pub const NEWEST: u32 = 19;

/// The major version of a server, from the number of PQserverVersion: 150018 is 15.18.
pub fn major(server_version: i32) -> u32 {
    u32::try_from(server_version / 10_000).unwrap_or_default()
}

/// The warning about a server that is newer than those that pgkeel is tested with.
pub fn untested(major: u32) -> Option<String> {
    (major > NEWEST).then(|| {
        format!(
            "PostgreSQL {major} is newer than {NEWEST}, the newest version that this pgkeel is tested with: it may miss \
             what is new in {major}"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_server_newer_than_the_newest_tested_one_is_warned_of() {
        for tested in [190_000, 190_004, 180_006, 140_025, 0] {
            assert_eq!(untested(major(tested)), None, "{tested}");
        }
        let warning = untested(major(200_001)).unwrap();
        assert_eq!(
            warning,
            "PostgreSQL 20 is newer than 19, the newest version that this pgkeel is tested with: it may miss what is new in 20"
        );
    }
}
