//! What a backup and its folders are called. A database may be called `../../evil`: nothing of its name reaches a path
//! unchecked.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::engine::migrations::folder::sha256;

/// The name of one backup: `20261120T064643Z-pre-deploy-20250105000000-a1b2c3`: when (UTC), why or its label, the
/// newest applied migration, six random letters and digits. It sorts by time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BackupId(String);

/// A text that is no name of a backup.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no name of a backup: one begins with its time, as in 20261120T064643Z-manual-none-a1b2c3")]
pub struct NotAnId(String);

impl BackupId {
    /// Make one.
    pub fn new(at: DateTime<Utc>, label: &str, head: Option<&str>, random: &str) -> Self {
        Self(format!(
            "{}-{}-{}-{}",
            at.format("%Y%m%dT%H%M%SZ"),
            slug(label),
            head.map_or_else(|| "none".into(), slug),
            slug(random)
        ))
    }

    /// Read one; nothing passes that could leave its folder.
    ///
    /// # Errors
    /// `NotAnId`.
    pub fn parse(text: &str) -> Result<Self, NotAnId> {
        let is_time = |time: &str| {
            time.len() == 16
                && time.bytes().enumerate().all(|(at, byte)| match at {
                    8 => byte == b'T',
                    15 => byte == b'Z',
                    _ => byte.is_ascii_digit(),
                })
        };
        let plain =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
        match text.split_once('-') {
            Some((time, rest))
                if is_time(time) && !rest.is_empty() && rest.len() <= 120 && rest.bytes().all(plain) =>
            {
                Ok(Self(text.to_owned()))
            }
            _ => Err(NotAnId(text.to_owned())),
        }
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The random part, for names of databases that belong to it.
    pub fn suffix(&self) -> &str {
        self.0.rsplit('-').next().unwrap_or_default()
    }
}

impl fmt::Display for BackupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for BackupId {
    type Error = NotAnId;

    fn try_from(text: String) -> Result<Self, NotAnId> {
        Self::parse(&text)
    }
}

impl From<BackupId> for String {
    fn from(id: BackupId) -> Self {
        id.0
    }
}

/// Lower case letters, digits, `_` and `-` of a text, at most 40 of them.
pub fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.chars().flat_map(char::to_lowercase) {
        let c = if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' };
        if !(c == '-' && (slug.is_empty() || slug.ends_with('-'))) {
            slug.push(c);
        }
        if slug.len() == 40 {
            break;
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "none".into() } else { slug.to_owned() }
}

/// The folder of a database's backups: its name where that is a slug, else the slug and a hash of the name.
pub fn folder_of(database: &str) -> String {
    let slug = slug(database);
    if slug == database { slug } else { format!("{slug}-{}", &sha256(database.as_bytes())[..8]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_of_a_database_leaves_the_folder() {
        let check = |name: &str, folder: &str| {
            assert_eq!(
                folder_of(name).split_at_checked(folder.len()).map(|(start, _)| start),
                Some(folder),
                "{name}"
            );
            assert!(!folder_of(name).contains(['/', '.', '\0']), "{name}");
        };
        check("shop", "shop");
        check("Shop", "shop-");
        check("../../evil", "evil-");
        check("a=b 'c'", "a-b-c-");
        check("..", "none-");
        check("магазин", "none-");
        assert_ne!(folder_of("Shop"), folder_of("SHOP"));
    }

    #[test]
    fn an_id_is_read_back_and_nothing_else_is() {
        let at = DateTime::parse_from_rfc3339("2026-11-20T06:46:43Z").unwrap().to_utc();
        let id = BackupId::new(at, "Pre Migration!", Some("20250105000000"), "a1b2c3");
        assert_eq!(id.as_str(), "20261120T064643Z-pre-migration-20250105000000-a1b2c3");
        assert_eq!((BackupId::parse(id.as_str()), id.suffix()), (Ok(id.clone()), "a1b2c3"));
        for bad in [
            "",
            "x",
            "../20261120T064643Z-a",
            "20261120T064643Z-../x",
            "20261120T064643Z",
            "20261120T064643Z-A.partial",
        ] {
            assert!(BackupId::parse(bad).is_err(), "{bad}");
        }
    }
}
