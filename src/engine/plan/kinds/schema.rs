//! Schemas, and the privileges that what is created later will have.

use crate::engine::catalog::Fact;

use super::super::acl;
use super::super::sql::{Change, Sql};
use super::{Cx, Rules};

pub(super) struct Schema;

impl Rules for Schema {
    fn create(&self, _: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        vec![Sql::new(format!("CREATE SCHEMA {}", fact.id.path()))]
    }
}

pub(super) struct DefaultPrivileges;

impl Rules for DefaultPrivileges {
    fn create(&self, cx: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        acl::defaults(cx, &fact.id, None, Some(fact))
    }

    fn drop(&self, cx: &Cx<'_>, fact: &Fact) -> Vec<Sql> {
        acl::defaults(cx, &fact.id, Some(fact), None)
    }

    fn alter(&self, cx: &Cx<'_>, was: &Fact, is: &Fact, _: &[&str]) -> Change {
        Change::InPlace(acl::defaults(cx, &is.id, Some(was), Some(is)))
    }
}
