//! Schemas.

use crate::engine::catalog::Fact;

use super::super::sql::Sql;
use super::{Cx, Rules};

pub(super) struct Schema;

impl Rules for Schema {
    fn create(&self, _: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        vec![Sql::new(format!("CREATE SCHEMA {}", fact.id.path()))]
    }
}
