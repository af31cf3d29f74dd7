//! Why a step can hurt.

use std::fmt;

use serde::Serialize;

/// Lock modes of tables (docs 13.3.1), those that a plan takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lock {
    /// Reading and writing go on.
    ShareUpdateExclusive,
    /// Reading goes on.
    Share,
    /// Reading goes on.
    ShareRowExclusive,
    /// Nothing goes on.
    AccessExclusive,
}

/// One reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "hazard", rename_all = "kebab-case")]
pub enum Hazard {
    /// What is stored there is gone afterwards.
    DataLoss {
        /// In words.
        what: String,
        /// The table whose rows it concerns, as SQL.
        table: Option<String>,
        /// How many there are now, where a database was asked.
        rows: Option<u64>,
    },
    /// All rows are written anew, under ACCESS EXCLUSIVE.
    Rewrite {
        /// The table.
        table: String,
    },
    /// All rows are read under a lock that stops writers.
    Scan {
        /// The table.
        table: String,
    },
    /// Fails where rows are as the condition says.
    WillFail {
        /// In words.
        why: String,
        /// A query that returns a row if it will.
        probe: Option<String>,
        /// A query that fails where it would, because of a value.
        attempt: Option<String>,
        /// Whether it would now, where a database was asked.
        now: Option<bool>,
    },
    /// A lock on what others may be using.
    Locks {
        /// The table.
        table: String,
        /// The mode.
        mode: Lock,
    },
    /// Cannot be in a transaction.
    NotTransactional,
    /// The plan cannot know something, and somebody has to do it.
    ByHand {
        /// In words.
        what: String,
    },
    /// The way back cannot bring everything back.
    LossyDown {
        /// In words.
        what: String,
    },
}

impl Hazard {
    /// What is stored there is gone afterwards; with the table whose rows it concerns.
    pub(super) fn data_loss(what: String, table: Option<String>) -> Self {
        Hazard::DataLoss { what, table, rows: None }
    }

    /// Fails where rows are as the query finds.
    pub(super) fn will_fail(why: String, probe: Option<String>) -> Self {
        Hazard::WillFail { why, probe, attempt: None, now: None }
    }

    /// Its name, as in `case.toml`, JSON and comments.
    pub fn word(&self) -> &'static str {
        match self {
            Hazard::DataLoss { .. } => "data-loss",
            Hazard::Rewrite { .. } => "rewrite",
            Hazard::Scan { .. } => "scan",
            Hazard::WillFail { .. } => "will-fail",
            Hazard::Locks { .. } => "lock",
            Hazard::NotTransactional => "not-transactional",
            Hazard::ByHand { .. } => "by-hand",
            Hazard::LossyDown { .. } => "lossy-down",
        }
    }
}

impl fmt::Display for Hazard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Hazard::DataLoss { what, rows: Some(1), .. } => write!(f, "{} (1 row)", line(what)),
            Hazard::DataLoss { what, rows: Some(rows), .. } => write!(f, "{} ({rows} rows)", line(what)),
            Hazard::DataLoss { what, .. } | Hazard::ByHand { what } | Hazard::LossyDown { what } => {
                f.write_str(&line(what))
            }
            Hazard::Rewrite { table } => write!(f, "every row of {} is written anew", line(table)),
            Hazard::Scan { table } => write!(f, "every row of {} is read while writers wait", line(table)),
            Hazard::WillFail { why, now, .. } => {
                let now = match now {
                    Some(true) => "; and there are such rows now",
                    Some(false) => "; now there are none",
                    None => "",
                };
                write!(f, "{}{now}", line(why))
            }
            Hazard::Locks { table, mode } => write!(f, "{mode:?} on {}", line(table)),
            Hazard::NotTransactional => f.write_str("cannot be in a transaction"),
        }
    }
}

/// A name may hold line ends, and a comment must not end there.
fn line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}
