//! Random schemas with rows, for tests that are not about differences.

use proptest::strategy::{Strategy, ValueTree};

use crate::support::cluster::{TestDb, number};

use super::act::{Focus, ops};
use super::cases::{case, runner};
use super::generated::make_roles;

/// The SQL of so many schemas for the tests' server, each with the statements that insert rows.
pub(crate) fn with_rows(count: usize) -> Vec<(String, String)> {
    let db = TestDb::new();
    make_roles(&db);
    let version = "SELECT current_setting('server_version_num')::bigint / 10000 AS value";
    let major = u32::try_from(number(&mut db.connect(), version)).unwrap();
    let mut runner = runner(Focus::Everything);
    let strategy = ops(Focus::Everything);
    let mut one = || {
        let tree = strategy.new_tree(&mut runner).expect("nothing is filtered");
        let model = case(&tree.current(), &mut |_| {}).new;
        (model.sql(major), model.seeds(major))
    };
    (0..count).map(|_| one()).collect()
}
