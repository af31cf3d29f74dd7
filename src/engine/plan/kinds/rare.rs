//! Kinds that are read and not yet written: whatever differs of them is refused by name.

use crate::engine::catalog::Fact;

use super::super::sql::Sql;
use super::{Cx, Rules};

pub(super) struct Rare;

impl Rules for Rare {
    fn create(&self, _: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        unreachable!("{} has no rules yet", fact.id)
    }
}
