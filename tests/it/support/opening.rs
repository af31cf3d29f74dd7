//! How the engine opens a database, without a configuration.

use std::time::Duration;

use pgkeel::engine::ledger::store::{Author, PoolSize};
use pgkeel::engine::operation::Opening;
use pgkeel::pg::connect::ConnectOptions;
use pgkeel::pg::ident::Ident;
use pgkeel::pg::interrupt::Interrupt;
use pgkeel::pg::url::DatabaseUrl;

/// The way to the database of this URL.
pub(crate) fn opening(url: &str) -> Opening {
    let interrupt = Interrupt::default();
    Opening {
        url: DatabaseUrl::parse(url).unwrap(),
        bookkeeping: Ident::new("pgkeel"),
        options: ConnectOptions::default(),
        interrupt,
        pool: PoolSize { min: 0, max: 1, timeout: Duration::from_secs(5) },
        author: Author { os_user: "tester".into(), host: "here".into() },
        new_ledger: false,
        trusted_owners: Vec::new(),
    }
}
