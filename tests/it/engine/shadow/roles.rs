//! Roles that a schema names.

use diesel::connection::SimpleConnection;
use pgkeel::engine::migrations::Folder;
use pgkeel::engine::migrations::runner::Settings;
use pgkeel::engine::shadow::{Place, Server, Shadow, ShadowError};
use pgkeel::pg::ident::Ident;

use super::stage::{Deaf, ask, folder, read};
use crate::support::cluster::private_cluster;
use crate::support::opening::opening;

const SCHEMA: &str = "CREATE ROLE made LOGIN PASSWORD 'x' CREATEDB;\nCREATE TABLE t (a int);\nALTER TABLE t OWNER TO owner;\n\
    GRANT SELECT ON t TO \"Reader\", made;\nCREATE POLICY p ON t TO watcher USING (true);\nGRANT made TO owner;\n\
    ALTER DEFAULT PRIVILEGES FOR ROLE owner GRANT SELECT ON TABLES TO heir;\n";

#[test]
fn on_a_server_of_our_own_missing_roles_are_made_without_login() {
    let cluster = private_cluster();
    let place = Place::Beside {
        opening: Box::new(opening(&cluster.running.url("postgres"))),
        server: Server::Private,
        like: None,
    };
    let shadow = Shadow::create(&place).unwrap();
    let files = folder(&[("a.sql", SCHEMA)]);
    let left_out = shadow.load(&read(files.path())).unwrap();
    assert_eq!(left_out.iter().map(|one| one.line).collect::<Vec<_>>(), [1, 6]);
    let made = "SELECT string_agg(rolname, ' ' ORDER BY rolname COLLATE \"C\") FROM pg_roles WHERE oid >= 16384 AND NOT rolcanlogin";
    assert_eq!(ask(&mut shadow.connect().unwrap(), made), "Reader heir made owner watcher");
    // Once more: they are there now.
    let again = Shadow::create(&place).unwrap();
    again.load(&read(files.path())).unwrap();
    let migrations = folder(&[("01_a/up.sql", SCHEMA), ("02_b/up.sql", "GRANT SELECT ON t TO newcomer;")]);
    let replayed = Shadow::create(&place).unwrap();
    let settings = Settings { role: Some(Ident::new("deployer")), ..Settings::default() };
    let left_out = replayed.replay(&Folder::read(migrations.path()).unwrap(), &settings, &mut Deaf);
    // As whom: a role that the shadow belongs to may make tables there, and give them to nobody.
    assert!(matches!(left_out, Err(ShadowError::Migrations(_))), "{left_out:?}");
    let replayed = Shadow::create(&place).unwrap();
    let left_out =
        replayed.replay(&Folder::read(migrations.path()).unwrap(), &Settings::default(), &mut Deaf).unwrap();
    assert_eq!(left_out.len(), 2);
    let owner = "SELECT relowner::regrole FROM pg_class WHERE relname = 't'";
    assert_eq!(ask(&mut replayed.connect().unwrap(), owner), "owner");
}

#[test]
fn on_a_shared_server_a_missing_role_is_named_and_one_that_is_there_is_not_made_again() {
    let cluster = private_cluster();
    let place = Place::Beside {
        opening: Box::new(opening(&cluster.running.url("postgres"))),
        server: Server::Shared,
        like: None,
    };
    let shadow = Shadow::create(&place).unwrap();
    let files = folder(&[("a.sql", "CREATE TABLE t (a int);\nGRANT SELECT ON t TO reader;")]);
    let error = shadow.load(&read(files.path())).unwrap_err();
    assert!(matches!(&error, ShadowError::Roles { line: 2, roles, .. } if roles == &["reader"]), "{error:?}");
    cluster.connect("postgres").batch_execute("CREATE ROLE reader").unwrap();
    let shadow = Shadow::create(&place).unwrap();
    let files =
        folder(&[("a.sql", "CREATE ROLE reader;\nCREATE TABLE t (a int);\nGRANT SELECT ON t TO reader;")]);
    let left_out = shadow.load(&read(files.path())).unwrap();
    assert_eq!(left_out.len(), 1);
}
