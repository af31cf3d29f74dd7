//! Tables with FORCE ROW LEVEL SECURITY, whose policies apply to their owner as well.

use super::{Hard, Who};

/// Keys over tables that policies would hide. A wide unique index lets row-level security come first where jobs choose.
const TENANTS: &str = "CREATE TABLE tenants (id int PRIMARY KEY, name text UNIQUE); \
     INSERT INTO tenants SELECT g, repeat(g::text, 20) FROM generate_series(1, 2000) g; \
     CREATE TABLE documents (id serial PRIMARY KEY, tenant int REFERENCES tenants, title text); \
     INSERT INTO documents (tenant, title) SELECT g, 'title' FROM generate_series(1, 2000) g; \
     CREATE POLICY own ON tenants USING (id = 1); CREATE POLICY own ON documents USING (tenant = 1); \
     ALTER TABLE tenants ENABLE ROW LEVEL SECURITY; ALTER TABLE tenants FORCE ROW LEVEL SECURITY; \
     ALTER TABLE documents ENABLE ROW LEVEL SECURITY; ALTER TABLE documents FORCE ROW LEVEL SECURITY";

/// A superuser takes the backup, which policies would refuse to the owner.
fn backup(hard: &mut Hard, scope: &[&str]) {
    let superuser = hard.place.db.url.clone();
    hard.place.connect_to(&superuser);
    hard.place.run(&[&["backup"], scope].concat()).exits(0);
    if let (Some(role), Who::Createdb | Who::Owner) = (&hard.role, hard.who) {
        hard.place.0.connect_as(role);
    }
}

fn rows(hard: &Hard) -> i64 {
    hard.place.number("SELECT (SELECT count(*) FROM tenants) + (SELECT count(*) FROM documents)")
}

#[test]
fn an_owner_restores_keys_between_them_with_any_number_of_jobs() {
    let mut hard = Hard::new(Who::Createdb, &[], TENANTS);
    backup(&mut hard, &[]);
    let before = hard.schema();
    for jobs in ["1", "2", "4"] {
        let runs: [&[&str]; 4] = [
            &["backup", "verify", "latest", "--level", "2", "--jobs", jobs],
            &["restore", "latest", "--into", "DB_copy", "--jobs", jobs],
            &["restore", "latest", "--jobs", jobs, "--yes"],
            &["rollback", "--to-backup", "latest", "--yes"],
        ];
        for arguments in runs {
            let copy = format!("{}_copy", hard.place.db.name);
            let arguments: Vec<&str> =
                arguments.iter().map(|word| if *word == "DB_copy" { &*copy } else { word }).collect();
            let ran = hard.place.run(&arguments);
            assert_eq!(ran.code, 0, "{arguments:?}: {}", ran.text());
            assert!(!ran.text().contains("step by step"), "{arguments:?}: {}", ran.text());
            assert_eq!((rows(&hard), &hard.schema()), (4000, &before), "{arguments:?}");
        }
        hard.place.sql(&format!("DROP DATABASE \"{}_copy\"", hard.place.db.name));
    }
}

#[test]
fn rows_alone_come_back_between_them() {
    let mut hard = Hard::new(Who::Createdb, &[], TENANTS);
    backup(&mut hard, &["--data-only"]);
    let id = hard.place.backups("backups")[0].file_name().unwrap().to_str().unwrap().to_owned();
    let ran = hard.place.run(&["restore", &id, "--jobs", "4", "--yes"]);
    assert_eq!(ran.code, 0, "{}", ran.text());
    assert_eq!(rows(&hard), 4000);
}

#[test]
fn what_is_loaded_step_by_step_gets_its_keys_before_its_policies() {
    // A CHECK that reads a table which comes later in the archive.
    let sql = format!(
        "{TENANTS}; CREATE TABLE z (k int PRIMARY KEY); INSERT INTO z VALUES (1); \
         CREATE FUNCTION is_z(k int) RETURNS boolean LANGUAGE sql STABLE AS 'SELECT EXISTS (SELECT FROM public.z WHERE z.k = $1)'; \
         CREATE TABLE a (k int CHECK (is_z(k))); INSERT INTO a VALUES (1)"
    );
    for who in [Who::Createdb, Who::Owner] {
        let mut hard = Hard::new(who, &[], &sql);
        backup(&mut hard, &[]);
        let before = hard.schema();
        let in_place: &[&str] = if who == Who::Owner { &["--in-place", "--no-backup"] } else { &[] };
        let ran = hard.place.run(&[&["restore", "latest", "--yes", "--jobs", "1"], in_place].concat());
        assert_eq!(ran.code, 0, "{who:?}: {}", ran.text());
        assert!(ran.text().contains("step by step"), "{who:?}: {}", ran.text());
        assert_eq!((rows(&hard), hard.schema()), (4000, before), "{who:?}");
    }
}

#[test]
fn a_materialized_view_over_them_has_what_its_owner_may_read() {
    let sql = format!("{TENANTS}; CREATE MATERIALIZED VIEW seen AS SELECT id FROM tenants");
    for who in [Who::SuperuserForOwner, Who::Createdb, Who::Owner] {
        let mut hard = Hard::new(who, &[], &sql);
        assert_eq!(hard.place.number("SELECT count(*) FROM seen"), 1, "{who:?}");
        backup(&mut hard, &[]);
        hard.restore(0);
        assert_eq!(hard.place.number("SELECT count(*) FROM seen"), 1, "{who:?}");
        assert_eq!(rows(&hard), 4000, "{who:?}");
    }
}
