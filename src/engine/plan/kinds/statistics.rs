//! Statistics objects.

use crate::engine::catalog::Fact;

use super::super::sql::{Change, Sql};
use super::{Cx, Rules, object};

pub(super) struct Statistics;

impl Rules for Statistics {
    fn create(&self, _: &Cx<'_>, fact: &Fact, _: &[&Fact]) -> Vec<Sql> {
        let mut all = vec![Sql::new(fact.text("definition"))];
        all.extend(fact.get("target").is_some().then(|| target(fact)));
        all
    }

    fn alter(&self, _: &Cx<'_>, _: &Fact, is: &Fact, attributes: &[&str]) -> Change {
        match attributes {
            ["target"] => Change::InPlace(vec![target(is)]),
            _ => Change::Replace,
        }
    }
}

fn target(fact: &Fact) -> Sql {
    Sql::new(format!("ALTER {} SET STATISTICS {}", object(fact), fact.get("target").unwrap_or("-1")))
}
