//! What `diff` and `pull` say of that which no plan can change: declarations of children, indexes that are not valid.

use crate::support::project::Project;

#[test]
fn a_column_that_only_one_side_declares_itself_is_named() {
    let project = Project::new();
    project
        .file("old.sql", "CREATE TABLE p (a int); CREATE TABLE c (a int) INHERITS (p);")
        .file("new.sql", "CREATE TABLE p (a int); CREATE TABLE c () INHERITS (p);");
    let ran = project.run(&["diff", "old.sql", "new.sql", "--summary"]);
    ran.exits(0);
    let said = "1 object is not compared: own declaration of the inherited column public.c.a";
    assert!(ran.stdout.contains(said), "{}", ran.stdout);
}

#[test]
fn many_objects_that_are_not_compared_are_counted_by_kind() {
    let project = Project::new();
    let columns = ["a", "b", "c", "d"].map(|name| format!("{name} int")).join(", ");
    project
        .file("old.sql", format!("CREATE TABLE p ({columns}); CREATE TABLE c ({columns}) INHERITS (p);"))
        .file("new.sql", format!("CREATE TABLE p ({columns}); CREATE TABLE c () INHERITS (p);"));
    let ran = project.run(&["diff", "old.sql", "new.sql", "--summary"]);
    ran.exits(0);
    let said = "4 objects are not compared: own declaration (4); --json names them";
    assert!(ran.stdout.contains(said), "{}", ran.stdout);
    let json = project.run(&["diff", "old.sql", "new.sql", "--json"]).exits(0).stdout.clone();
    assert_eq!(json.matches("of the inherited column public.c.").count(), 4, "{json}");
}
