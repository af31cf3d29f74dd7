//! Values as they are compared.

use std::borrow::Cow;

use super::Kind;
use super::not_null::is_given;
use super::read::SECRET;

/// A value as it is compared. The name that PostgreSQL gave to a NOT NULL constraint tells which names the table and the
/// column had at the time, and nothing about the column: other servers, and dumps of older ones, give another. Options that
/// hold secrets are set where the database is, and are in no schema file.
pub(super) fn compared<'a>(kind: Kind, name: &str, value: Option<&'a str>) -> Option<Cow<'a, str>> {
    let value = value.filter(|value| name != "not_null_name" || !is_given(kind, value))?;
    if !name.ends_with("options") || !value.lines().any(is_secret) {
        return Some(Cow::Borrowed(value));
    }
    let known: Vec<&str> = value.lines().filter(|line| !is_secret(line)).collect();
    (!known.is_empty()).then(|| Cow::Owned(known.join("\n")))
}

fn is_secret(line: &str) -> bool {
    line.strip_suffix(SECRET).is_some_and(|rest| rest.ends_with('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_compared() {
        let check = |value: &str, wanted: Option<&str>| {
            assert_eq!(compared(Kind::UserMapping, "options", Some(value)).as_deref(), wanted);
        };
        check("password=****", None);
        check("password=****\nuser=reader", Some("user=reader"));
        check("user=****x", Some("user=****x"));
    }
}
