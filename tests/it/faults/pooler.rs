//! PgBouncer: a pooler that hands a session on between transactions is refused before anything is locked, and goes
//! around by DIRECT_URL; one that keeps the session is as good as none.

use pgkeel::pg::connect::ConnectOptions;
use pgkeel::pg::interrupt::Interrupt;
use pgkeel::pg::session::Session;
use pgkeel::pg::url::DatabaseUrl;

use crate::support::bouncer::Bouncer;

use super::shop::{Shop, Size};

/// A project that connects through a pooler.
fn pooled(mode: &str) -> (Shop, Bouncer) {
    let mut shop = Shop::new(Size::Small);
    // What a session of ours would change.
    shop.sql(&format!(
        "ALTER DATABASE {0} SET statement_timeout = '33s'; ALTER DATABASE {0} SET search_path = public, pg_temp; \
         ALTER DATABASE {0} SET lock_timeout = '44s'",
        shop.project.db.name
    ));
    let bouncer = Bouncer::start(mode, &shop.project.db);
    let url = bouncer.url(&shop.project.db);
    shop.project.connect_to(&url);
    (shop, bouncer)
}

/// No session behind the pooler holds a lock or a setting of ours.
#[track_caller]
fn nothing_stays(shop: &Shop, bouncer: &Bouncer) {
    shop.forgets("behind the pooler");
    let url = DatabaseUrl::parse(&bouncer.url(&shop.project.db)).unwrap();
    // Several at once: each has a server connection of its own.
    let connect = || Session::connect(&url, &ConnectOptions::default(), &Interrupt::default()).unwrap();
    let mut sessions: Vec<_> = (0..3).map(|_| connect()).collect();
    for session in &mut sessions {
        session.query("BEGIN").unwrap();
    }
    for session in &mut sessions {
        let mut shown = |name: &str| session.query_value(&format!("SHOW {name}")).unwrap().unwrap();
        assert_eq!(shown("statement_timeout"), "33s");
        assert_eq!(shown("lock_timeout"), "44s");
        assert_eq!(shown("search_path"), "public, pg_temp");
        assert_eq!(shown("default_transaction_read_only"), "off");
        session.query("ROLLBACK").unwrap();
    }
}

#[test]
fn a_pooler_by_transaction_is_refused_and_gone_around() {
    let (shop, bouncer) = pooled("transaction");
    let refused = shop.project.run(&["deploy"]);
    assert!(
        refused.exits(2).stderr.contains("a connection pooler in transaction mode stands between")
            && refused.stderr.contains("set DIRECT_URL to the server's own address and port"),
        "{}",
        refused.stderr
    );
    assert_eq!(shop.number("SELECT count(*) FROM pg_namespace WHERE nspname = 'pgkeel'"), 0);
    nothing_stays(&shop, &bouncer);
    shop.project.run(&["status"]).exits(4);
    shop.project.run(&["health"]).exits(0);
    nothing_stays(&shop, &bouncer);

    let direct = shop.project.db.url.clone();
    let shop = Shop { project: shop.project.env("DIRECT_URL", &direct), ..shop };
    shop.project.run(&["deploy"]).exits(0);
    shop.project.run(&["health"]).exits(0);
    shop.is_finished("around the pooler");
    nothing_stays(&shop, &bouncer);
}

#[test]
fn a_pooler_by_session_is_as_good_as_none() {
    let (shop, bouncer) = pooled("session");
    shop.project.run(&["deploy"]).exits(0);
    shop.is_finished("session");
    shop.project.run(&["rollback", "--yes"]).exits(0);
    shop.project.run(&["status"]).exits(4);
    shop.project.run(&["health"]).exits(0);
    nothing_stays(&shop, &bouncer);
}
