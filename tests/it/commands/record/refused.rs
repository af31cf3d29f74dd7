//! A refusal to write into the record names a statement, which works when typed, where one makes the table safe again.

use crate::support::project::Project;
use crate::support::role::Role;

/// What another role's table of the record may carry, and the statement that the refusal must name.
const FOUND: [(&str, &str); 6] = [
    (
        "CREATE TRIGGER noisy BEFORE INSERT ON public.__diesel_schema_migrations FOR EACH ROW EXECUTE FUNCTION public.noise()",
        "DROP TRIGGER noisy ON public.__diesel_schema_migrations;",
    ),
    (
        "CREATE RULE noisy AS ON INSERT TO public.__diesel_schema_migrations DO ALSO NOTHING",
        "DROP RULE noisy ON public.__diesel_schema_migrations;",
    ),
    (
        "CREATE TABLE public.copy (version varchar(50) REFERENCES public.__diesel_schema_migrations)",
        "ALTER TABLE public.copy DROP CONSTRAINT copy_version_fkey;",
    ),
    (
        "CREATE TABLE public.\"Child\" () INHERITS (public.__diesel_schema_migrations)",
        "ALTER TABLE public.\"Child\" NO INHERIT public.__diesel_schema_migrations;",
    ),
    ("CREATE INDEX upper ON public.__diesel_schema_migrations (upper(version))", "DROP INDEX public.upper;"),
    (
        "CREATE STATISTICS public.near ON version, run_on FROM public.__diesel_schema_migrations",
        "DROP STATISTICS public.near;",
    ),
];

#[test]
fn the_statement_that_a_refusal_names_makes_the_table_safe_again() {
    let versions: Vec<String> = (0..=FOUND.len()).map(|n| format!("2026010100000{n}")).collect();
    let project = Project::with_migrations(&[]);
    for version in &versions {
        project.migration(&format!("{version}_nothing"), "SELECT 1;", "SELECT 1;");
    }
    let mut project = project;
    let owner = Role::owner(&mut project, "");
    project.sql(&format!("ALTER SCHEMA public OWNER TO {}", owner.name));
    project.run(&["deploy", "--to", &versions[0]]).exits(0);
    project.sql("CREATE FUNCTION public.noise() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'");
    let url = project.db.tcp_url.clone();
    project.connect_to(&url);
    for ((plant, remedy), version) in FOUND.iter().zip(&versions[1..]) {
        project.sql(&format!("SET ROLE {}; {plant}", owner.name));
        let refused = project.run(&["deploy", "--to", version]);
        let named = refused.exits(3).stderr.lines().find_map(|line| line.split_once("is not wanted: "));
        let (_, named) = named.unwrap_or_else(|| panic!("{plant}: {}", refused.text()));
        let named = named.trim_end_matches(" then `pgkeel deploy`");
        assert_eq!(named.replace('"', ""), remedy.replace('"', ""), "{plant}");
        project.sql(named);
        project.run(&["deploy", "--to", version]).exits(0);
    }
    drop(owner);
}
