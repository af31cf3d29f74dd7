//! The record that a superuser makes in the database of another role, which must be able to dump it.

use super::{Hard, Who};

fn owners(hard: &Hard) -> String {
    hard.place.words(
        "SELECT concat_ws(' ', (SELECT nspowner::regrole FROM pg_namespace WHERE nspname = 'pgkeel'), \
           string_agg(DISTINCT relowner::regrole::text, ' ')) FROM pg_class \
         WHERE relnamespace = 'pgkeel'::regnamespace AND relkind IN ('r', 'S')",
    )
}

/// The owner goes on where the superuser was.
#[track_caller]
fn is_not_locked_out(hard: &mut Hard, what: &str) {
    let role = hard.role.as_ref().expect("an owner");
    assert_eq!(owners(hard), format!("{0} {0}", role.name), "{what}");
    hard.place.0.connect_as(role);
    for arguments in [&["status"][..], &["backup"], &["env", "set", "development", "--yes"], &["deploy"]] {
        let ran = hard.place.run(arguments);
        assert_eq!(ran.code, 0, "{what}: {arguments:?}: {}", ran.text());
    }
    let superuser = hard.place.db.url.clone();
    hard.place.connect_to(&superuser);
    hard.place.run(&["deploy"]).exits(0);
    hard.place.run(&["restore", "latest", "--in-place", "--no-backup", "--yes"]).exits(0);
}

#[test]
fn an_owner_is_not_locked_out_by_a_restore_in_place_of_a_superuser() {
    let mut hard = Hard::new(Who::SuperuserForOwner, &[], "CREATE TABLE t (i int); INSERT INTO t VALUES (1)");
    hard.backup();
    hard.place.run(&["restore", "latest", "--in-place", "--no-backup", "--yes"]).exits(0);
    is_not_locked_out(&mut hard, "in place");
}

#[test]
fn an_owner_is_not_locked_out_by_the_first_deploy_of_a_superuser() {
    for arguments in [&["env", "set", "development", "--yes"][..], &["deploy"], &["migrate"]] {
        let mut hard = Hard::new(Who::SuperuserForOwner, &[], "CREATE TABLE t (i int)");
        if arguments != ["env", "set", "development", "--yes"] {
            // It changes nothing that the owner could not read.
            hard.place.migration(
                "20250101000000_one",
                "COMMENT ON TABLE t IS 'ours';",
                "COMMENT ON TABLE t IS NULL;",
            );
        }
        let ran = hard.place.run(arguments);
        assert_eq!(ran.code, 0, "{arguments:?}: {}", ran.text());
        is_not_locked_out(&mut hard, &format!("{arguments:?}"));
    }
}
