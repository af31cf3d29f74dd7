//! The known names nearest to a mistyped one, for messages that say "did you mean".

/// Up to two of `known` that are close to `name`, nearest first; of equal ones the first in `known`.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let name = name.to_lowercase();
    let limit = (name.chars().count() / 3).max(2);
    let mut close: Vec<(usize, &str)> = known
        .into_iter()
        .map(|candidate| (distance(&name, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .collect();
    close.sort_by_key(|(distance, _)| *distance);
    close.truncate(2);
    close.into_iter().map(|(_, candidate)| candidate).collect()
}

/// `nearest` as the end of a sentence: ` Did you mean `a` or `b`?`, or nothing.
pub fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = nearest(name, known).iter().map(|name| format!("`{name}`")).collect();
    if names.is_empty() { String::new() } else { format!(" Did you mean {}?", names.join(" or ")) }
}

/// Optimal string alignment: insertions, deletions, replacements, and neighbours that changed places.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![(0..=b.len()).collect::<Vec<usize>>()];
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replaced.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(rows[i - 2][j - 2] + 1);
            }
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, expected: &[&str]) {
        assert_eq!(nearest(name, ["sslmode", "sslkey", "host", "hostaddr", "port"]), expected);
    }

    #[test]
    fn the_nearest_names_come_first_and_far_ones_not_at_all() {
        check("sslmdoe", &["sslmode"]);
        check("SSLMODE", &["sslmode"]);
        check("prot", &["port"]);
        check("hots", &["host"]);
        check("sslkye", &["sslkey"]);
        check("colour", &[]);
    }

    #[test]
    fn a_sentence_names_what_was_found() {
        assert_eq!(did_you_mean("sslmdoe", ["sslmode"]), " Did you mean `sslmode`?");
        assert_eq!(did_you_mean("colour", ["sslmode"]), "");
    }
}
