//! Migrations, replayed.

use pgkeel::engine::migrations::Folder;
use pgkeel::engine::migrations::runner::Settings;
use pgkeel::engine::shadow::{Server, Shadow, ShadowError, Why};
use tempfile::TempDir;

use super::stage::{Deaf, Stage, ask, folder, read};

fn replay(shadow: &Shadow, files: &[(&str, &str)]) -> (TempDir, Result<usize, ShadowError>) {
    let folder = folder(files);
    let read = Folder::read(folder.path()).unwrap();
    let ended = shadow.replay(&read, &Settings::default(), &mut Deaf);
    (folder, ended.map(|left_out| left_out.len()))
}

#[test]
fn migrations_are_replayed_those_without_a_transaction_too() {
    let shadow = Stage::new().shadow(Server::Shared);
    let (_folder, ended) = replay(
        &shadow,
        &[
            ("01_t/up.sql", "CREATE TABLE t (a int);"),
            ("02_i/up.sql", "CREATE INDEX CONCURRENTLY i ON t (a);\nALTER TABLE t ADD b int;"),
            ("02_i/metadata.toml", "run_in_transaction = false"),
            (
                "03_v/up.sql",
                "GRANT CONNECT ON DATABASE template1 TO PUBLIC;\nCREATE VIEW v AS SELECT a, b FROM t;",
            ),
        ],
    );
    assert_eq!(ended.unwrap(), 1);
    let mut session = shadow.connect().unwrap();
    assert_eq!(ask(&mut session, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'i'::regclass"), "t");
    assert_eq!(ask(&mut session, "SELECT count(*) FROM v"), "0");
}

#[test]
fn a_migration_that_fails_says_where_and_that_nothing_was_changed() {
    let shadow = Stage::new().shadow(Server::Shared);
    let (_folder, ended) = replay(&shadow, &[("01_t/up.sql", "CREATE TABLE t (a int);\nSELECT nope;")]);
    let error = ended.unwrap_err();
    assert!(matches!(error, ShadowError::Migrations(_)), "{error:?}");
    let (_folder, ended) = replay(&shadow, &[("01_t/up.sql", "CREATE TABLE t (a int);\nCREATE DATABASE x;")]);
    let error = ended.unwrap_err();
    // It is a finding already: it cannot run in a transaction.
    assert!(matches!(error, ShadowError::Plan(_)), "{error:?}");
}

#[test]
fn what_acts_beyond_the_database_is_refused_in_migrations() {
    let shadow = Stage::new().shadow(Server::Shared);
    let (folder, ended) =
        replay(&shadow, &[("01_r/up.sql", "SELECT 1;\nALTER ROLE dev SET work_mem = '1MB';")]);
    let error = ended.unwrap_err();
    let at = folder.path().join("01_r/up.sql");
    assert!(
        matches!(&error, ShadowError::Refused { path, line: 2, why: Why::Roles, .. } if *path == at),
        "{error:?}"
    );
}

#[test]
fn a_role_that_is_missing_is_named_on_a_shared_server() {
    let shadow = Stage::new().shadow(Server::Shared);
    let sql = "CREATE TABLE t (a int);\n\nGRANT SELECT ON t TO nobody_has_this;";
    let (_folder, ended) = replay(&shadow, &[("01_r/up.sql", sql)]);
    let error = ended.unwrap_err();
    assert!(
        matches!(&error, ShadowError::Roles { line: 3, roles, .. } if roles == &["nobody_has_this"]),
        "{error:?}"
    );
}

#[test]
fn the_shipped_projects_load_and_replay_alike() {
    let stage = Stage::new();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let examples = ["contextkeeper", "devmetrics", "keyflash", "viral-dashboard"]
        .map(|name| root.join("examples").join(name));
    for project in examples.into_iter().chain([root.to_owned()]) {
        let (loaded, replayed) = (stage.shadow(Server::Shared), stage.shadow(Server::Shared));
        loaded.load(&read(&project.join("schema.sql"))).unwrap_or_else(|error| panic!("{error}"));
        let folder = Folder::read(&project.join("migrations")).unwrap();
        replayed.replay(&folder, &Settings::default(), &mut Deaf).unwrap_or_else(|error| panic!("{error}"));
        let tables = "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class \
            WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname NOT LIKE '\\_\\_diesel%'";
        let [one, other] = [loaded, replayed].map(|shadow| ask(&mut shadow.connect().unwrap(), tables));
        assert!(one == other && one.contains(' '), "{}: {one} / {other}", project.display());
    }
}
