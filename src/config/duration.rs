//! Lengths of time as people write them: `500ms`, `60s`, `10min`, `2h`, `30d`. A number without a unit is refused.

use std::time::Duration;

use serde::{Deserialize, Deserializer, de};

const UNITS: &[(&str, u64)] = &[
    ("ms", 1),
    ("s", 1000),
    ("min", 60_000),
    ("m", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
    ("w", 604_800_000),
];

/// Read a length of time; also for flags.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let millis = UNITS
        .iter()
        .find(|(name, _)| *name == unit.trim())
        .and_then(|(_, millis)| number.parse::<u64>().ok().and_then(|number| number.checked_mul(*millis)));
    millis
        .map(Duration::from_millis)
        .ok_or_else(|| "not a length of time; write a whole number and a unit, as in `500ms`, `60s`, `10min`, `2h`, `30d`".to_owned())
}

/// A length of time in the largest unit that fits evenly.
pub(crate) fn show_duration(time: Duration) -> String {
    let millis = time.as_millis();
    let even = |(name, unit): &&(&str, u64)| {
        *name != "m" && *name != "w" && millis.is_multiple_of(u128::from(*unit))
    };
    match UNITS.iter().rev().find(even) {
        Some((name, unit)) if millis > 0 => format!("{}{name}", millis / u128::from(*unit)),
        _ => "0s".to_owned(),
    }
}

/// For serde: `#[serde(deserialize_with = "duration::optional")]`.
pub(super) fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    required(deserializer).map(Some)
}

/// For serde: `#[serde(deserialize_with = "duration::required")]`.
pub(super) fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse_duration(&text).map_err(de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(parse_duration(text).ok().map(show_duration).as_deref(), expected, "{text}");
    }

    #[test]
    fn a_length_of_time_needs_a_unit() {
        check("500ms", Some("500ms"));
        check("60s", Some("1min"));
        check("90 s", Some("90s"));
        check("10m", Some("10min"));
        check("10min", Some("10min"));
        check("4w", Some("28d"));
        check("0s", Some("0s"));
        check("60", None);
        check("-1s", None);
        check("s", None);
        check("1.5h", None);
        check("99999999999999999999s", None);
    }
}
