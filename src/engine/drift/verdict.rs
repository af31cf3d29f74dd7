//! What the stored facts are worth for the ledger, the server and the extractor of today. Pure.

use std::collections::BTreeSet;
use std::fmt;

use crate::engine::catalog::{Catalog, EXTRACTOR};

use super::expected::{About, Stored};

/// What is known of what the database should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The applied migrations make this.
    Known(Box<Catalog>),
    /// This was there once, and all that changed since is accounted for; whether the migrations make it, nobody knows.
    Unproved(Box<Catalog>, String),
    /// Nothing.
    Unknown(Unknown),
}

/// Why nothing is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unknown {
    /// Nothing was ever stored.
    NotStored,
    /// The role may not read it.
    Forbidden {
        /// Who asked.
        role: String,
        /// What an owner has to run.
        grant: String,
    },
    /// The facts account for other migrations than are applied.
    Versions {
        /// Applied, and not in the facts.
        missing: Vec<String>,
        /// In the facts, and not applied.
        extra: Vec<String>,
    },
    /// Another extractor wrote them.
    Extractor(u32),
    /// They were read on another major version.
    Server(i32, i32),
    /// They cannot be read back.
    Damaged,
}

/// Judge what is stored by what is applied. `live` is what there is: mostly it is the same.
pub fn verdict(
    stored: Option<&Stored>,
    applied: &[String],
    server_version: i32,
    live: Option<&Catalog>,
) -> Verdict {
    let Some(stored) = stored else { return Verdict::Unknown(Unknown::NotStored) };
    if let Some(why) = unfit(&stored.about, applied, server_version) {
        return Verdict::Unknown(why);
    }
    let catalog = live.filter(|live| stored.is(live)).cloned().or_else(|| stored.catalog());
    match (catalog, &stored.about.unproved) {
        (None, _) => Verdict::Unknown(Unknown::Damaged),
        (Some(catalog), None) => Verdict::Known(Box::new(catalog)),
        (Some(catalog), Some(why)) => Verdict::Unproved(Box::new(catalog), why.clone()),
    }
}

/// Why the row is of no use today, if that is so.
pub fn unfit(about: &About, applied: &[String], server_version: i32) -> Option<Unknown> {
    if about.extractor != EXTRACTOR {
        return Some(Unknown::Extractor(about.extractor));
    }
    let major = server_version / 10_000;
    if about.server_major != major {
        return Some(Unknown::Server(about.server_major, major));
    }
    let (known, there): (BTreeSet<&String>, BTreeSet<&String>) =
        (about.versions.iter().collect(), applied.iter().collect());
    if known == there {
        return None;
    }
    let of = |all: &BTreeSet<&String>, but: &BTreeSet<&String>| {
        all.difference(but).map(|version| (*version).clone()).collect()
    };
    Some(Unknown::Versions { missing: of(&there, &known), extra: of(&known, &there) })
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotStored => f.write_str("no run of pgkeel has stored yet what is expected here"),
            Self::Forbidden { role, grant } => write!(
                f,
                "the role `{role}` may not read what is expected here; ask the owner of pgkeel's tables to run: {grant}"
            ),
            Self::Versions { missing, extra } => {
                let mut parts = Vec::new();
                if !missing.is_empty() {
                    parts.push(format!(
                        "{} applied without pgkeel, or recorded by hand",
                        named(missing, "was")
                    ));
                }
                if !extra.is_empty() {
                    parts.push(format!("{} undone without pgkeel, or recorded by hand", named(extra, "was")));
                }
                f.write_str(&parts.join("; "))
            }
            Self::Extractor(version) => write!(
                f,
                "what is expected was stored by a pgkeel that reads catalogs in another way ({version}, and this one {EXTRACTOR})"
            ),
            Self::Server(was, is) => {
                write!(f, "what is expected was stored on PostgreSQL {was}, and this is PostgreSQL {is}")
            }
            Self::Damaged => f.write_str("what is expected is stored, and cannot be read back"),
        }
    }
}

fn named(versions: &[String], verb: &str) -> String {
    match versions {
        [one] => format!("{one} {verb}"),
        several => {
            let shown: Vec<&str> = several.iter().take(3).map(String::as_str).collect();
            let more = if several.len() > 3 { ", …" } else { "" };
            format!("{} migrations ({}{more}) were", several.len(), shown.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(versions: &[&str]) -> About {
        About {
            extractor: EXTRACTOR,
            server_major: 15,
            versions: versions.iter().map(|version| (*version).to_owned()).collect(),
            unproved: None,
            stored_at: String::new(),
            last_check: None,
        }
    }

    #[test]
    fn what_the_facts_do_not_account_for_is_named() {
        let check = |about: About, applied: &[&str], says: Option<&str>| {
            let applied: Vec<String> = applied.iter().map(|version| (*version).to_owned()).collect();
            assert_eq!(unfit(&about, &applied, 150_018).map(|why| why.to_string()).as_deref(), says);
        };
        check(about(&["1", "2"]), &["1", "2"], None);
        check(about(&["1"]), &["1", "2"], Some("2 was applied without pgkeel, or recorded by hand"));
        check(
            about(&["1", "3"]),
            &["1", "2", "4", "5", "6"],
            Some(
                "4 migrations (2, 4, 5, …) were applied without pgkeel, or recorded by hand; 3 was undone without pgkeel, or recorded by hand",
            ),
        );
        let older = About { server_major: 14, ..about(&["1"]) };
        check(older, &["1"], Some("what is expected was stored on PostgreSQL 14, and this is PostgreSQL 15"));
        let other = About { extractor: EXTRACTOR + 1, ..about(&["1"]) };
        check(
            other,
            &[],
            Some(&format!(
                "what is expected was stored by a pgkeel that reads catalogs in another way ({}, and this one {EXTRACTOR})",
                EXTRACTOR + 1
            )),
        );
    }

    #[test]
    fn nothing_stored_is_unknown() {
        assert_eq!(verdict(None, &[], 150_000, None), Verdict::Unknown(Unknown::NotStored));
    }
}
