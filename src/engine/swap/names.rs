//! The names of databases beside the live one.

/// PostgreSQL cuts longer names (docs 4.1.1, `NAMEDATALEN`).
const LONGEST: usize = 63;

/// The name of a database that was live, as `shop__q_<suffix>`.
pub fn aside_name(live: &str, suffix: &str) -> String {
    beside(live, "__q_", suffix)
}

/// The name of a database that is to become live, as `shop__r_<suffix>`.
pub fn fresh_name(live: &str, suffix: &str) -> String {
    beside(live, "__r_", suffix)
}

fn beside(live: &str, mark: &str, suffix: &str) -> String {
    let room = LONGEST.saturating_sub(mark.len() + suffix.len());
    let end = (0..=room.min(live.len())).rev().find(|end| live.is_char_boundary(*end)).unwrap_or_default();
    format!("{}{mark}{suffix}", &live[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_cut_between_characters_and_keeps_its_suffix() {
        let check = |live: &str, name: &str| assert_eq!(aside_name(live, "k3x9q2"), name);
        check("shop", "shop__q_k3x9q2");
        check(&"s".repeat(63), &format!("{}__q_k3x9q2", "s".repeat(53)));
        check(&"ö".repeat(31), &format!("{}__q_k3x9q2", "ö".repeat(26)));
        assert_eq!(fresh_name("shop", "1"), "shop__r_1");
        assert_eq!(aside_name(&"🐘".repeat(15), "k3x9q2").len(), 62);
    }
}
