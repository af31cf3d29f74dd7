//! Settings of a database that come from another server.

use pgkeel::engine::properties::{Properties, apply};
use pgkeel::pg::connect::ConnectOptions;
use pgkeel::pg::interrupt::Interrupt;
use pgkeel::pg::session::Session;
use pgkeel::pg::url::DatabaseUrl;

use crate::support::cluster::TestDb;

#[test]
fn a_setting_that_the_server_does_not_take_is_left_out_and_named() {
    let db = TestDb::new();
    let url = DatabaseUrl::parse(&db.url).unwrap();
    let mut session = Session::connect(&url, &ConnectOptions::default(), &Interrupt::default()).unwrap();
    let name = url.database().unwrap();
    let set = |what: &str| format!("ALTER DATABASE \"{name}\" SET {what}");
    let statements =
        ["\"gone_in_this_version\" TO '1'", "\"bytea_output\" TO 'octal'", "\"work_mem\" TO '5MB'"].map(set);
    let left_out = apply(&mut session, &statements).unwrap();
    let named = |at: usize| format!("left out, because this server does not take it: {};", statements[at]);
    assert_eq!(left_out, [named(0), named(1)]);
    let properties = Properties::read(&mut session, name).unwrap().unwrap();
    let kept: Vec<&str> = properties.settings.iter().map(|setting| setting.value.as_str()).collect();
    assert_eq!(kept, ["5MB"]);
}
