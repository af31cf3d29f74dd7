//! One statement in the making, and what an alteration may turn out to be.

use crate::engine::catalog::{Id, readable};

use super::{Hazard, Step};

/// One statement, without the semicolon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sql {
    pub(super) text: String,
    pub(super) hazards: Vec<Hazard>,
    pub(super) in_transaction: bool,
    pub(super) commits: Option<String>,
}

impl Sql {
    /// A harmless statement that may be in a transaction.
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), hazards: Vec::new(), in_transaction: true, commits: None }
    }

    /// It can hurt.
    #[must_use]
    pub(super) fn hazard(mut self, hazard: Hazard) -> Self {
        self.hazards.push(hazard);
        self
    }

    /// A text (an enum's label as a literal) that no statement of the same transaction may use.
    #[must_use]
    pub(super) fn commits(mut self, word: String) -> Self {
        self.commits = Some(word);
        self
    }

    pub(super) fn step(self, about: Id) -> Step {
        Step {
            about,
            sql: readable(&self.text),
            hazards: self.hazards,
            in_transaction: self.in_transaction,
            may_be: Vec::new(),
            commits: self.commits,
            ends: false,
        }
    }
}

impl From<String> for Sql {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

/// How a fact gets from one state to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    /// By statements, while everything else stays as it is.
    InPlace(Vec<Sql>),
    /// By statements before which views, rules, policies, triggers and what else is compiled against it must be gone.
    Retype(Vec<Sql>),
    /// Only by dropping it and creating it anew.
    Replace,
    /// Not at all.
    Refuse(String),
}
