//! The usual set-up: an owner that is no superuser migrates, and the application works under another role.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

use crate::support::restored::Place;
use crate::support::role::Role;

/// What the application was granted, in this migration and for tables to come.
fn grants(application: &str) -> String {
    format!(
        "CREATE TABLE customers (id serial PRIMARY KEY, name text); INSERT INTO customers (name) VALUES ('ada'); \
         CREATE FUNCTION total() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM customers'; \
         REVOKE EXECUTE ON FUNCTION total() FROM PUBLIC; GRANT EXECUTE ON FUNCTION total() TO {application}; \
         REVOKE ALL ON SCHEMA public FROM PUBLIC; GRANT USAGE ON SCHEMA public TO {application}; \
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {application}; \
         GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {application}; \
         ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT ON TABLES TO {application};"
    )
}

/// A project whose owner has these options, and whose application may read and write; both last as long as it.
struct Company {
    application: Role,
    owner: Role,
    place: Place,
}

impl Company {
    fn new(options: &str) -> Self {
        let mut place = Place::new();
        place.file("pgkeel.toml", "");
        let owner = Role::owner(&mut place, options);
        let application = Role::new(&mut place, "");
        let name = &place.db.name;
        // As a DBA does who trusts nobody.
        place.sql(&format!(
            "REVOKE ALL ON DATABASE {name} FROM PUBLIC; GRANT CONNECT ON DATABASE {name} TO {}",
            application.name
        ));
        place.migration("20250101000000_shop", &grants(&application.name), "DROP TABLE customers;");
        place.run(&["deploy"]).exits(0);
        Self { application, owner, place }
    }

    /// The application does its work.
    #[track_caller]
    fn works(&self) {
        let mut session = PgConnection::establish(&self.application.url()).unwrap();
        session
            .batch_execute(
                "INSERT INTO customers (name) VALUES ('bob'); UPDATE customers SET name = 'bo' WHERE name = 'bob'; \
                 SELECT total(); DELETE FROM customers WHERE name = 'bo'",
            )
            .unwrap();
        assert!(session.batch_execute("TRUNCATE customers").is_err(), "more than it was granted");
    }

    /// A table that comes later has its grants, too.
    #[track_caller]
    fn works_later(&self) {
        self.place.migration("20250102000000_later", "CREATE TABLE later (id int);", "DROP TABLE later;");
        self.place.run(&["deploy"]).exits(0);
        let mut session = PgConnection::establish(&self.application.url()).unwrap();
        session.batch_execute("INSERT INTO later VALUES (1); SELECT * FROM later").unwrap();
    }

    /// Nothing is left but the database itself.
    fn clears(self) {
        self.place.run(&["restore", "--drop-quarantine", "--yes"]).exits(0);
        self.ends();
    }

    fn ends(self) {
        let Self { application, owner, place } = self;
        place.sql(&format!("DROP OWNED BY {}", application.name));
        drop((application, owner));
    }
}

#[test]
fn without_the_right_to_end_the_applications_sessions_nothing_begins() {
    let company = Company::new("CREATEDB");
    let Company { place, owner, .. } = &company;
    place.run(&["backup"]).exits(0);
    let operations = place.number("SELECT count(*) FROM pgkeel.operation");
    let ran = place.run(&["restore", "--yes"]);
    ran.exits(3);
    assert!(
        ran.stderr.contains(&format!("GRANT pg_signal_backend TO \"{}\";", owner.name)),
        "{}",
        ran.text()
    );
    assert!(place.beside().is_empty());
    assert_eq!(place.number("SELECT count(*) FROM pgkeel.operation"), operations);
    for command in [&["restore", "--yes", "--dry-run"][..], &["rollback", "--to-backup", "latest", "--yes"]] {
        place.run(command).exits(3);
    }
    company.works();
    company.ends();
}

#[test]
fn with_it_the_swap_is_done_and_the_application_may_do_what_it_could() {
    let company = Company::new("CREATEDB");
    let Company { place, owner, application } = &company;
    place.sql(&format!("GRANT pg_signal_backend TO {}", owner.name));
    place.run(&["backup"]).exits(0);
    let before = place.contents(&place.db.name);
    let mut connected = PgConnection::establish(&application.url()).unwrap();
    connected.batch_execute("DELETE FROM customers").unwrap();
    place.run(&["restore", "--yes"]).exits(0);
    assert!(connected.batch_execute("SELECT 1").is_err());
    company.works();
    let user = |text: &str| -> Vec<String> {
        let grants = text.lines().filter(|line| line.starts_with("GRANT ") || line.starts_with("ALTER "));
        grants.map(str::to_owned).collect()
    };
    assert_eq!(user(&place.contents(&place.db.name)), user(&before));
    place.run(&["rollback", "--to-backup", "latest", "--yes"]).exits(0);
    company.works();
    place.run(&["restore", "--undo", "--yes"]).exits(0);
    company.works();
    company.works_later();
    place.run(&["status"]).exits(0);
    company.clears();
}

#[test]
fn a_restore_in_place_keeps_the_grants_of_the_application() {
    let company = Company::new("");
    let Company { place, owner, .. } = &company;
    place.run(&["env", "set", "staging"]).exits(0);
    place.run(&["backup"]).exits(0);
    let ran = place.run(&["restore", "--yes"]);
    ran.exits(3);
    assert!(ran.stderr.contains(&format!("ALTER ROLE \"{}\" CREATEDB;", owner.name)), "{}", ran.text());
    assert!(ran.stderr.contains("--in-place"), "{}", ran.text());
    let acl = "SELECT concat_ws(' ', nspowner::regrole, nspacl) FROM pg_namespace WHERE nspname = 'public'";
    let tables = "SELECT string_agg(concat_ws(' ', oid::regclass, relacl), ', ' ORDER BY oid::regclass::text) FROM pg_class \
                  WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S')";
    let before = [acl, tables].map(|sql| place.words(sql));
    let operations = place.number("SELECT count(*) FROM pgkeel.operation");
    place.sql("DELETE FROM customers");
    for _ in 0..2 {
        place.run(&["restore", "latest", "--in-place", "--no-backup", "--yes"]).exits(0);
        assert_eq!([acl, tables].map(|sql| place.words(sql)), before);
        assert_eq!(place.number("SELECT count(*) FROM customers"), 1);
    }
    assert_eq!(place.number("SELECT count(*) FROM pgkeel.operation"), operations + 2);
    assert_eq!(place.words("SELECT name FROM pgkeel.environment"), "staging");
    company.works();
    company.works_later();
    place.run(&["status"]).exits(0);
    company.ends();
}

#[test]
fn a_role_that_may_only_read_takes_a_backup_and_one_table_too_few_is_named() {
    let mut place = Place::shop();
    let reader = Role::new(&mut place, "");
    place.sql(&format!("GRANT pg_read_all_data TO {}", reader.name));
    place.connect_as(&reader);
    place.run(&["backup"]).exits(0);
    place.run(&["backup", "verify", "--level", "1"]).exits(0);
    place.sql(&format!(
        "REVOKE pg_read_all_data FROM {0}; CREATE TABLE secrets (id int); GRANT USAGE ON SCHEMA pgkeel TO {0}; \
         GRANT SELECT ON ALL TABLES IN SCHEMA public, pgkeel TO {0}; GRANT SELECT ON ALL SEQUENCES IN SCHEMA public, pgkeel TO {0}; \
         REVOKE ALL ON secrets FROM {0}",
        reader.name
    ));
    let ran = place.run(&["backup"]);
    ran.exits(3);
    assert!(ran.stderr.contains("public.secrets"), "{}", ran.text());
    assert!(!ran.stderr.contains("customers"), "{}", ran.text());
    assert_eq!(place.backups("backups").len(), 1);
    drop(reader);
}
