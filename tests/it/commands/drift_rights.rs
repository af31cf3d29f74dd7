//! Who may look for drift: whoever may read.

use crate::support::bouncer::Bouncer;
use crate::support::role::Role;

use super::drift::{A, deployed, known};

#[test]
fn a_role_that_may_only_read_sees_drift() {
    let mut project = deployed(&[A]);
    let role = Role::new(&mut project, "");
    let owner = project.url_text();
    project.connect_as(&role);
    let ran = project.run(&["drift"]);
    assert!(ran.exits(1).stderr.contains("GRANT USAGE ON SCHEMA pgkeel TO "), "{}", ran.text());
    assert!(ran.stderr.contains("the drift is unknown"), "{}", ran.text());
    project.sql(&format!(
        "GRANT USAGE ON SCHEMA pgkeel TO {0}; GRANT SELECT ON ALL TABLES IN SCHEMA pgkeel TO {0}; \
         GRANT SELECT ON __diesel_schema_migrations TO {0}",
        role.name
    ));
    assert_eq!(known(&project), [""; 0]);
    project.sql("CREATE TABLE by_hand (id int)");
    assert_eq!(known(&project).len(), 2);
    assert_eq!(project.number("SELECT count(checked_at) FROM pgkeel.expected"), 0, "nothing was written");
    // Not even that one table.
    project.sql(&format!("REVOKE SELECT ON pgkeel.expected FROM {}", role.name));
    project.set("CI", "true");
    let ran = project.run(&["drift"]);
    assert!(ran.exits(1).stderr.contains("GRANT SELECT ON pgkeel.expected TO "), "{}", ran.text());
    project.run(&["status"]).exits(0);
    project.connect_to(&owner);
    project.run(&["drift"]).exits(6);
    assert_eq!(project.number("SELECT count(checked_at) FROM pgkeel.expected"), 1);
}

#[test]
fn a_pooler_by_transaction_is_no_hindrance() {
    let mut project = deployed(&[A]);
    let bouncer = Bouncer::start("transaction", &project.db);
    let through = bouncer.url(&project.db);
    project.connect_to(&through);
    assert_eq!(known(&project), [""; 0]);
    project.sql("CREATE VIEW by_hand AS SELECT 1 AS one");
    assert_eq!(known(&project), ["added view public.by_hand"]);
    project.run(&["drift", "--refresh"]).exits(2);
}
