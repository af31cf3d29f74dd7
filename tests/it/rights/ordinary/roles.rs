//! Who made the tables of the record, and who works with them: deployers with a bookkeeping schema of their own, readers,
//! applications with embedded migrations, the first role of a managed service, two applications in one database.

use diesel::connection::SimpleConnection;

use crate::support::cluster;
use crate::support::project::Project;
use crate::support::role::Role;

const A: (&str, &str, &str) =
    ("20260101000000_a", "CREATE TABLE public.a (id int PRIMARY KEY);", "DROP TABLE public.a;");
const B: (&str, &str, &str) =
    ("20260102000000_b", "CREATE TABLE public.b (id int PRIMARY KEY);", "DROP TABLE public.b;");

/// What a role reads and writes, with the exit codes that it is to see.
struct Life {
    status: i32,
    deploy: i32,
    env_show: i32,
    env_set: i32,
    seed: i32,
    rollback: i32,
}

/// Everything is done.
const DONE: Life = Life { status: 4, deploy: 0, env_show: 0, env_set: 0, seed: 0, rollback: 0 };

/// Everything can be read, and nothing is written: the owner of the record is not trusted.
const READ: Life = Life { status: 4, deploy: 3, env_show: 0, env_set: 3, seed: 3, rollback: 3 };

#[track_caller]
fn lives(project: &Project, life: &Life) {
    project.run(&["status"]).exits(life.status);
    project.run(&["deploy", "--to", "20260102000000"]).exits(life.deploy);
    project.run(&["deploy", "--to", "20260102000000"]).exits(life.deploy);
    project.run(&["env", "show"]).exits(life.env_show);
    project.run(&["env", "set", "testing"]).exits(life.env_set);
    project.run(&["seed"]).exits(life.seed);
    project.run(&["rollback", "--yes"]).exits(life.rollback);
}

fn project() -> Project {
    let project = Project::with_migrations(&[A, B]);
    project.file("pgkeel.toml", "").file("seeds/10.sql", "SELECT 1;");
    project
}

/// A project whose first migration a deployer has applied, with a bookkeeping schema as the README says.
fn deployed_by(deployer: &Role, project: &mut Project) {
    project.sql(&format!(
        "CREATE SCHEMA pgkeel AUTHORIZATION \"{0}\"; GRANT CREATE ON SCHEMA public TO \"{0}\"",
        deployer.name
    ));
    project.connect_as(deployer);
    project.run(&["deploy", "--to", "20260101000000"]).exits(0);
}

#[test]
fn a_deployer_with_a_bookkeeping_schema_of_its_own_does_the_whole_job() {
    let mut project = project();
    let deployer = Role::new(&mut project, "");
    deployed_by(&deployer, &mut project);
    lives(&project, &DONE);
}

#[test]
fn a_reader_of_a_deployer_s_record_reads_and_may_not_write() {
    let mut project = project();
    let deployer = Role::new(&mut project, "");
    let reader = Role::new(&mut project, "");
    deployed_by(&deployer, &mut project);
    project.sql(&format!(
        "GRANT USAGE ON SCHEMA pgkeel TO {0}; GRANT SELECT ON ALL TABLES IN SCHEMA pgkeel, public TO {0}",
        reader.name
    ));
    project.connect_as(&reader);
    project.run(&["status"]).exits(4);
    project.run(&["env", "show"]).exits(0);
    project.run(&["migrate", "list"]).exits(0);
    project.run(&["health"]).exits(0);
    project.run(&["deploy", "--dry-run"]).exits(0);
    let refused = project.run(&["deploy"]);
    assert!([1, 3].contains(&refused.code), "{}", refused.text());
    assert_eq!(project.number("SELECT count(*) FROM pgkeel.operation"), 1, "nothing was written");
}

#[test]
fn a_superuser_reads_a_deployer_s_record_and_writes_it_once_the_deployer_is_trusted() {
    let mut project = project();
    let deployer = Role::new(&mut project, "");
    deployed_by(&deployer, &mut project);
    let url = project.db.url.clone();
    project.connect_to(&url);
    lives(&project, &READ);
    let ran = project.run(&["deploy"]);
    assert!(
        ran.stderr.contains("trusted_owners = [\"ROLE\"]") || ran.stderr.contains(&deployer.name),
        "{}",
        ran.text()
    );
    assert!(ran.stderr.contains("GRANT") && !ran.stderr.contains("OWNER TO"), "{}", ran.text());
    project.file("pgkeel.toml", format!("trusted_owners = [\"{}\"]\n", deployer.name));
    lives(&project, &DONE);
}

#[test]
fn the_owner_of_the_database_is_trusted_with_the_record_and_trusts_members_of_its_own() {
    let mut project = project();
    let deployer = Role::new(&mut project, "");
    let owner = Role::new(&mut project, "");
    project.sql(&format!("ALTER DATABASE {} OWNER TO {}", project.db.name, owner.name));
    deployed_by(&deployer, &mut project);
    project.sql(&format!(
        "GRANT USAGE, CREATE ON SCHEMA pgkeel, public TO {0}; GRANT ALL ON ALL TABLES IN SCHEMA pgkeel, public TO {0}; \
         GRANT ALL ON ALL SEQUENCES IN SCHEMA pgkeel TO {0}",
        owner.name
    ));
    project.connect_as(&owner);
    lives(&project, &READ);
    project.sql(&format!("GRANT {} TO {}", deployer.name, owner.name));
    lives(&project, &DONE);
}

/// A ledger as Diesel makes it, of a role that is an application.
fn embedded(app: &Role, project: &mut Project) {
    project.sql(&format!("GRANT CREATE ON SCHEMA public TO {0}", app.name));
    project.connect_as(app);
    let sql = "CREATE TABLE IF NOT EXISTS __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL, \
         run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP); CREATE TABLE public.a (id int PRIMARY KEY); \
         INSERT INTO __diesel_schema_migrations (version) VALUES ('20260101000000')";
    project.run(&["execute", "--yes", "--sql", sql]).exits(0);
}

#[test]
fn an_application_that_made_its_ledger_keeps_it() {
    let mut project = project();
    let app = Role::new(&mut project, "");
    embedded(&app, &mut project);
    let url = project.db.url.clone();
    project.connect_to(&url);
    let ran = project.run(&["deploy"]);
    ran.exits(3);
    assert!(ran.stderr.contains("trusted_owners") && !ran.stderr.contains("OWNER TO"), "{}", ran.text());
    project.file("pgkeel.toml", format!("trusted_owners = [\"{}\"]\n", app.name));
    lives(&project, &DONE);
    let owner = "SELECT tableowner FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE '%diesel%'";
    assert_eq!(project.words(owner), app.name);
}

#[test]
fn an_application_that_owns_the_database_needs_no_word_of_trust() {
    let mut project = project();
    let app = Role::owner(&mut project, "");
    embedded(&app, &mut project);
    let url = project.db.url.clone();
    project.connect_to(&url);
    lives(&project, &DONE);
}

#[test]
fn a_deployer_that_is_a_member_of_the_application_needs_no_word_of_trust() {
    let mut project = project();
    let app = Role::new(&mut project, "");
    let deployer = Role::new(&mut project, "");
    embedded(&app, &mut project);
    project.sql(&format!(
        "GRANT {} TO {}; CREATE SCHEMA pgkeel AUTHORIZATION \"{1}\"; GRANT CREATE ON SCHEMA public TO {1}",
        app.name, deployer.name
    ));
    project.connect_as(&deployer);
    lives(&project, &DONE);
}

#[test]
fn the_first_role_of_a_managed_service_does_the_whole_job() {
    let mut project = project();
    // It owns neither `public` nor its database's template, and is no superuser.
    let _first = Role::owner(&mut project, "CREATEROLE CREATEDB");
    project.run(&["deploy", "--to", "20260101000000"]).exits(0);
    lives(&project, &DONE);
    project.run(&["deploy"]).exits(0);
    for words in [
        &["drift"] as &[&str],
        &["validate"],
        &["pull", "--print"],
        &["backup"],
        &["backup", "verify", "--level", "2"],
        &["restore", "--yes"],
        &["reset", "--yes"],
    ] {
        project.run(words).exits(0);
    }
    let beside = format!(
        "SELECT coalesce(string_agg(datname, ' '), '') FROM pg_database WHERE starts_with(datname, '{}_')",
        project.db.name
    );
    for name in project.words(&beside).split_whitespace() {
        cluster::admin().batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).unwrap();
    }
}

#[test]
fn two_applications_in_one_database_have_a_ledger_each() {
    let mut one = project();
    let app = Role::new(&mut one, "");
    let other_app = Role::new(&mut one, "");
    one.sql(&format!(
        "CREATE SCHEMA one AUTHORIZATION {0}; CREATE SCHEMA other AUTHORIZATION {1}; \
         CREATE SCHEMA keel_one AUTHORIZATION {0}; CREATE SCHEMA keel_other AUTHORIZATION {1}",
        app.name, other_app.name
    ));
    let migrations = |project: &Project, schema: &str| {
        for (name, table) in [(A.0, "a"), (B.0, "b")] {
            project.migration(
                name,
                &format!("CREATE TABLE {schema}.{table} (id int PRIMARY KEY);"),
                &format!("DROP TABLE {schema}.{table};"),
            );
        }
        project.file("pgkeel.toml", format!("bookkeeping_schema = \"keel_{schema}\"\n"));
    };
    migrations(&one, "one");
    one.connect_to(&format!("{}?schema=one", app.url()));
    let mut other = project();
    migrations(&other, "other");
    other.connect_to(&format!("{}?schema=other", other_app.url()));
    for project in [&one, &other] {
        project.run(&["deploy", "--new-ledger", "--to", "20260101000000"]).exits(0);
    }
    for project in [&one, &other] {
        lives(project, &DONE);
    }
    assert_eq!(one.words("SELECT count(*) FROM pg_class WHERE relname = '__diesel_schema_migrations'"), "4");
}
