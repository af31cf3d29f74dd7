//! A role whose search_path misses the ledger gets no second one, unless it is asked for.

use insta::assert_snapshot;

use super::deployed;
use crate::support::project::Project;
use crate::support::role::Role;

/// A database whose ledger is in `public`, and a role whose path names only its own schema.
fn elsewhere() -> (Project, Role) {
    let mut project = deployed();
    let role = Role::new(&mut project, "");
    project.connect_as(&role);
    let name = &role.name;
    project.sql(&format!(
        "GRANT CREATE ON DATABASE {database} TO {name}; GRANT USAGE, CREATE ON SCHEMA pgkeel TO {name}; GRANT ALL ON ALL TABLES IN SCHEMA pgkeel, public TO {name}; \
         GRANT USAGE ON ALL SEQUENCES IN SCHEMA pgkeel TO {name}; ALTER SCHEMA pgkeel OWNER TO {name}; \
         CREATE SCHEMA b AUTHORIZATION {name}; ALTER ROLE {name} SET search_path = b",
        database = project.db.name
    ));
    (project, role)
}

fn ledgers(project: &Project) -> String {
    project.words(
        "SELECT string_agg(relnamespace::regnamespace::text, ' ' ORDER BY relnamespace::regnamespace::text) FROM pg_class \
         WHERE relname = '__diesel_schema_migrations' AND relnamespace <> 'pgkeel'::regnamespace",
    )
}

#[test]
fn nothing_creates_a_second_ledger() {
    let (project, _role) = elsewhere();
    assert_snapshot!(project.run(&["deploy"]).text(), @"
    exit 2
    --- stderr
    database `DB` on TCP as `ROLE` (`DATABASE_URL` in the environment)
    error: the search_path of role `ROLE` finds no ledger and would create `b.__diesel_schema_migrations`, but `DB` already has `public.__diesel_schema_migrations`
    next: for the existing ledger: name its schema in the URL (`?schema=public`), or set the role's search_path to it
    next: for a second application in this database: `?schema=b` in the URL, or `pgkeel deploy --new-ledger`
    ");
    assert_snapshot!(project.run(&["status"]).text(), @"
    exit 4
    --- stdout
    DB: 0 applied, 2 pending

       migration  state  applied at (UTC)  took  note
    .  20260101000000_ward  pending
    .  20260102000000_bed  pending

    next: `pgkeel deploy`, or `pgkeel migrate` on your own database
    --- stderr
    database `DB` on TCP as `ROLE` (`DATABASE_URL` in the environment)
    warning: the search_path of role `ROLE` finds no ledger and would create `b.__diesel_schema_migrations`, but `DB` already has `public.__diesel_schema_migrations`; name the schema in the URL (`?schema=…`)
    ");
    assert_eq!(project.run(&["status", "--json"]).json()["otherLedgers"][0], "public");
    for arguments in [
        &["deploy", "--dry-run"][..],
        &["migrate"],
        &["migrate", "--dry-run"],
        &["rollback", "--yes"],
        &["resolve", "--baseline", "20260102000000"],
        &["resolve", "--applied", "20260102000000"],
    ] {
        let ran = project.run(arguments);
        assert!(
            ran.exits(2).stderr.contains("already has `public.__diesel_schema_migrations`"),
            "{}",
            ran.text()
        );
    }
    assert_eq!(ledgers(&project), "public");
}

#[test]
fn without_the_right_to_use_the_other_schema_it_is_still_seen() {
    let (project, role) = elsewhere();
    project.sql(&format!(
        "REVOKE ALL ON SCHEMA public FROM PUBLIC, {0}; ALTER ROLE {0} SET search_path = b, public",
        role.name
    ));
    project.run(&["deploy"]).exits(2);
    project.sql("GRANT USAGE ON SCHEMA public TO PUBLIC");
    project.run(&["deploy"]).exits(0);
    assert_eq!(ledgers(&project), "public");
}

#[test]
fn a_second_application_asks_for_its_own() {
    let (mut project, role) = elsewhere();
    project.run(&["deploy", "--new-ledger"]).exits(0);
    assert_eq!(ledgers(&project), "b public");
    project.run(&["status"]).exits(0);
    project.run(&["deploy"]).exits(0);
    project.connect_to(&format!("{}?schema=c", role.url()));
    project.run(&["deploy"]).exits(0);
    assert_eq!(ledgers(&project), "b c public");
}

#[test]
fn the_settings_of_a_database_and_of_the_url_count_like_a_roles() {
    let mut project = deployed();
    let url = project.url_text();
    project.sql("CREATE SCHEMA app");
    let join = if url.contains('?') { '&' } else { '?' };
    project.connect_to(&format!("{url}{join}options=-csearch_path%3Dapp"));
    project.run(&["deploy"]).exits(2);
    project.connect_to(&url);
    project.run(&["deploy"]).exits(0);
    project.sql(&format!("ALTER DATABASE \"{}\" SET search_path = app", project.db.name));
    project.run(&["deploy"]).exits(2);
    project.sql(&format!("ALTER DATABASE \"{}\" SET search_path = app, public", project.db.name));
    project.run(&["deploy"]).exits(0);
}
