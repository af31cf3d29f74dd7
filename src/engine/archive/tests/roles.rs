//! What an archive needs on the server: roles and extensions.

use super::*;

fn entry(desc: &str, tag: &str, definition: &str) -> Entry {
    let mut entry = custom(PIPED.1).unwrap().archive.entries.remove(0);
    entry.desc = desc.to_owned();
    entry.tag = tag.to_owned();
    entry.definition = definition.to_owned();
    entry.owner = String::new();
    entry
}

fn roles(desc: &str, definition: &str) -> Vec<String> {
    let mut archive = custom(PIPED.1).unwrap().archive;
    archive.entries = vec![entry(desc, "t", definition)];
    archive.roles().into_iter().collect()
}

#[test]
fn roles_are_found_wherever_pg_dump_names_them() {
    let check =
        |desc, definition, expected: &[&str]| assert_eq!(roles(desc, definition), expected, "{definition}");
    check(
        "ACL",
        "GRANT SELECT ON TABLE public.t TO bob;\nGRANT ALL ON TABLE public.t TO \"Ann \"\"A\"\"\";\n",
        &["Ann \"A\"", "bob"],
    );
    check("ACL", "REVOKE ALL ON SCHEMA public FROM PUBLIC;\nGRANT USAGE ON SCHEMA public TO PUBLIC;", &[]);
    check(
        "ACL",
        "REVOKE ALL ON TABLE t FROM owner; GRANT SELECT(\"to\"),UPDATE(b) ON TABLE t TO bob WITH GRANT OPTION;",
        &["bob", "owner"],
    );
    check("ACL", "GRANT ALL ON FUNCTION f(\"from\" integer, b public.\"TO\") TO bob;", &["bob"]);
    check(
        "ACL",
        "SET SESSION AUTHORIZATION ann;\nGRANT SELECT ON TABLE t TO bob;\nRESET SESSION AUTHORIZATION;\n",
        &["ann", "bob"],
    );
    check(
        "DEFAULT ACL",
        "ALTER DEFAULT PRIVILEGES FOR ROLE ann IN SCHEMA s GRANT SELECT ON TABLES  TO bob;\n",
        &["ann", "bob"],
    );
    check(
        "POLICY",
        "CREATE POLICY \"to\" ON s.t FOR SELECT TO ann, \"public user\" USING ((a IN ( SELECT b FROM c)));",
        &["ann", "public user"],
    );
    check("POLICY", "CREATE POLICY p ON s.t USING ((a = 'TO bob'::text));", &[]);
    check(
        "USER MAPPING",
        "CREATE USER MAPPING FOR ann SERVER s OPTIONS (\n    \"user\" 'FOR x'\n);",
        &["ann"],
    );
    check("USER MAPPING", "CREATE USER MAPPING FOR public SERVER s;", &[]);
    check("COMMENT", "COMMENT ON TABLE t IS 'GRANT ALL TO bob;';", &[]);
}

#[test]
fn owners_count_but_not_the_database_s() {
    let mut archive = custom(PIPED.1).unwrap().archive;
    assert_eq!(archive.roles().into_iter().collect::<Vec<_>>(), ["archivist", "pg_database_owner"][..1]);
    for entry in &mut archive.entries {
        entry.owner = if entry.desc == "DATABASE" { "landlord" } else { "tenant" }.to_owned();
    }
    archive.entries.push(entry("ACL", "DATABASE shop", "GRANT CONNECT ON DATABASE shop TO guest;"));
    let roles = archive.roles();
    assert!(roles.contains("tenant") && !roles.contains("landlord") && !roles.contains("guest"), "{roles:?}");
}

#[test]
fn extensions_come_in_the_order_of_the_dump() {
    let mut archive = custom(PIPED.1).unwrap().archive;
    assert!(archive.extensions().is_empty());
    archive.entries = ["pg_trgm", "hstore"].map(|name| entry("EXTENSION", name, "")).to_vec();
    archive.entries.push(entry("COMMENT", "EXTENSION hstore", ""));
    assert_eq!(archive.extensions(), ["pg_trgm", "hstore"]);
}
