//! Row-level security on pgkeel's own tables: a command fails and says what to type, or it sees all rows. It never takes a
//! part of the record for the whole.

use insta::assert_snapshot;

use crate::support::project::{Project, Ran};
use crate::support::role::Role;

const CUSTOMER: (&str, &str, &str) =
    ("20260101000000_customer", "CREATE TABLE public.customer (id int);", "DROP TABLE public.customer;");

const TABLES: [&str; 8] = [
    "public.__diesel_schema_migrations",
    "pgkeel.__diesel_schema_migrations",
    "pgkeel.operation",
    "pgkeel.last_operation",
    "pgkeel.migration",
    "pgkeel.environment",
    "pgkeel.seed",
    "pgkeel.expected",
];

/// A deployed project of an ordinary owner, marked as production. Its DATABASE_URL is the owner's.
fn production() -> (Role, Project) {
    let mut project = Project::with_migrations(&[CUSTOMER]);
    let owner = Role::owner(&mut project, "CREATEDB");
    project.sql(&format!("ALTER SCHEMA public OWNER TO {}", owner.name));
    project.file("seeds/dev/a.sql", "INSERT INTO public.customer VALUES (1);");
    project.run(&["deploy"]).exits(0);
    project.run(&["seed", "--set", "dev", "--yes"]).exits(0);
    project.run(&["drift"]).exits(0);
    project.run(&["env", "set", "production"]).exits(0);
    (owner, project)
}

/// Another role of the project.
fn other(project: &mut Project, owner: &Role, grants: &str) -> Role {
    let role = Role::new(project, "");
    project.sql(&grants.replace("READER", &role.name).replace("OWNER", &owner.name));
    role
}

const READS: &str = "GRANT USAGE ON SCHEMA public, pgkeel TO READER; \
     GRANT SELECT ON ALL TABLES IN SCHEMA public, pgkeel TO READER";

/// Hide the rows of a table from all whom policies apply to.
fn enable(project: &Project, table: &str, force: &str) {
    project.sql(&format!("ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, {force} ROW LEVEL SECURITY"));
}

fn disable(project: &Project, table: &str) {
    project.sql(&format!("ALTER TABLE {table} DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY"));
}

/// It failed and named the table, or it said the same as without row-level security.
#[track_caller]
fn whole_or_error(table: &str, before: &Ran, now: &Ran) {
    let (schema, name) = table.split_once('.').unwrap();
    let named = format!("{schema}.{name}`");
    let is_named = now.stderr.contains("row-level security") && now.stderr.contains(&named);
    let is_error = now.code != 0 && is_named && now.stderr.contains(" BYPASSRLS;");
    let is_whole = now.text() == before.text();
    assert!(is_error || is_whole, "{table}: {}\nwithout policies: {}", now.text(), before.text());
}

#[test]
fn a_role_that_policies_apply_to_is_told_what_to_type() {
    let (owner, mut project) = production();
    let reader = other(&mut project, &owner, READS);
    enable(&project, "pgkeel.environment", "NO FORCE");
    project.connect_as(&reader);
    assert_snapshot!(project.run(&["status"]).text(), @"
    exit 1
    --- stderr
    tried postgres://ROLE:****@TCP/DB (`DATABASE_URL` in the environment)
    error: could not read the migration record: row-level security on `pgkeel.environment` applies to role `ROLE`, and a part of the record would look like the whole
    next: connect as `ROLE`, which owns them and which their policies do not apply to
    next: as a superuser: ALTER ROLE ROLE BYPASSRLS;
    next: or as the owner of the tables: ALTER TABLE pgkeel.environment DISABLE ROW LEVEL SECURITY;
    ");
    project.run(&["env", "show"]).exits(1);
    project.run(&["drift"]).exits(1);
    // Each way on works when typed.
    project.sql(&format!("ALTER ROLE \"{}\" BYPASSRLS;", reader.name));
    project.run(&["status"]).exits(0);
    project.sql(&format!("ALTER ROLE \"{}\" NOBYPASSRLS;", reader.name));
    project.run(&["status"]).exits(1);
    project.sql("ALTER TABLE \"pgkeel\".\"environment\" DISABLE ROW LEVEL SECURITY;");
    project.run(&["status"]).exits(0);
    // A missing grant is another matter.
    project.sql(&format!("REVOKE SELECT ON pgkeel.environment FROM {}", reader.name));
    assert!(!project.run(&["status"]).exits(1).stderr.contains("row-level security"));
    drop(reader);
    drop(owner);
}

#[test]
fn what_destroys_is_refused_where_the_label_cannot_be_read() {
    let (owner, project) = production();
    enable(&project, "pgkeel.environment", "FORCE");
    assert_snapshot!(project.run(&["reset", "--yes"]).text(), @"
    exit 3
    --- stderr
    tried postgres://ROLE:****@TCP/DB (`DATABASE_URL` in the environment)
    error: refused: the environment label cannot be read, so the database counts as protected: could not read the migration record: row-level security on `pgkeel.environment` applies to role `ROLE`, and a part of the record would look like the whole
    next: as a superuser: ALTER ROLE ROLE BYPASSRLS;
    next: or as the owner of the tables: ALTER TABLE pgkeel.environment DISABLE ROW LEVEL SECURITY;
    ");
    project.run(&["execute", "--sql", "DROP TABLE public.customer", "--yes"]).exits(3);
    project.run(&["restore", "latest", "--yes"]).exits(3);
    project.run(&["rollback", "--yes"]).exits(3);
    project.run(&["seed", "--set", "dev", "--yes"]).exits(3);
    assert_eq!(project.number("SELECT count(*) FROM public.customer"), 1);
    // Who bypasses the policies sees the label.
    project.sql(&format!("ALTER ROLE {} BYPASSRLS", owner.name));
    assert!(project.run(&["env", "show"]).exits(0).stdout.contains("production"));
    project.run(&["reset", "--yes"]).exits(3);
    assert_eq!(project.number("SELECT count(*) FROM public.customer"), 1);
    drop(owner);
}

#[test]
fn sql_that_only_reads_runs_where_the_label_cannot_be_read_and_writes_nothing() {
    let (owner, project) = production();
    project.sql(&format!(
        "CREATE FUNCTION public.writes() RETURNS void LANGUAGE sql AS 'INSERT INTO public.customer VALUES (9)'; \
         ALTER FUNCTION public.writes() OWNER TO {}",
        owner.name
    ));
    for table in ["pgkeel.environment", "public.__diesel_schema_migrations"] {
        enable(&project, table, "FORCE");
        let ran = project.run(&["execute", "--sql", "SELECT id FROM public.customer", "--format", "csv"]);
        assert_eq!(ran.exits(0).stdout, "id\n1\n", "{}", ran.text());
        let announced = "database `DB` on TCP as `ROLE` (`DATABASE_URL` in the environment)";
        assert!(ran.text().contains(announced), "{}", ran.text());
        let ran = project.run(&["execute", "--sql", "SELECT public.writes()"]);
        assert!(ran.exits(1).text().contains("read-only transaction"), "{}", ran.text());
        for sql in [
            "INSERT INTO public.customer VALUES (2)",
            "SELECT 1; COMMIT; INSERT INTO public.customer VALUES (2)",
            "SET transaction_read_only = off; SELECT public.writes()",
        ] {
            project.run(&["execute", "--sql", sql]).exits(3);
        }
        assert_eq!(project.number("SELECT count(*) FROM public.customer"), 1);
        disable(&project, table);
    }
    drop(owner);
}

#[test]
fn every_command_sees_the_whole_record_or_fails() {
    let (owner, mut project) = production();
    let member = other(&mut project, &owner, "GRANT OWNER TO READER");
    let reader = other(&mut project, &owner, READS);
    let exempt = other(&mut project, &owner, &format!("{READS}; ALTER ROLE READER BYPASSRLS"));
    let reading: [&[&str]; 7] = [
        &["status"],
        &["env", "show"],
        &["deploy", "--dry-run"],
        &["migrate", "list"],
        &["drift"],
        &["rollback", "--dry-run"],
        &["execute", "--sql", "SELECT 1"],
    ];
    let writing: [&[&str]; 3] =
        [&["deploy"], &["seed", "--set", "dev", "--yes"], &["resolve", "--baseline", "20260101000000"]];
    for (role, writes) in [(&owner, true), (&member, true), (&reader, false), (&exempt, false)] {
        project.connect_as(role);
        let commands: Vec<&[&str]> =
            reading.iter().copied().chain(writing.iter().copied().filter(|_| writes)).collect();
        // What is recorded of the last comparison must not change from here on.
        project.run(&["drift"]);
        let before: Vec<Ran> = commands.iter().map(|arguments| project.run(arguments)).collect();
        // FORCE makes a difference to the owner and its members alone.
        let forces: &[&str] = if writes { &["NO FORCE", "FORCE"] } else { &["NO FORCE"] };
        for (table, force) in TABLES.iter().flat_map(|table| forces.iter().map(move |force| (table, force))) {
            enable(&project, table, force);
            for (arguments, before) in commands.iter().zip(&before) {
                whole_or_error(table, before, &project.run(arguments));
            }
            disable(&project, table);
        }
    }
    project.connect_as(&owner);
    project.run(&["status"]).exits(0);
    drop((member, reader, exempt));
    drop(owner);
}

#[test]
fn a_superuser_and_an_owner_without_force_bypass_every_policy() {
    let (owner, mut project) = production();
    TABLES.iter().for_each(|table| enable(&project, table, "NO FORCE"));
    for arguments in [&["status"][..], &["deploy"], &["drift"], &["env", "show"]] {
        project.run(arguments).exits(0);
    }
    TABLES.iter().for_each(|table| enable(&project, table, "FORCE"));
    let url = project.db.url.clone();
    project.connect_to(&url);
    for arguments in [&["status"][..], &["deploy"], &["drift"], &["env", "show"]] {
        project.run(arguments).exits(0);
    }
    drop(owner);
}
