//! Definitions that another role wrote into a database are not built in a shadow database where that would run its code.

use diesel::Connection;
use diesel::PgConnection;
use diesel::connection::SimpleConnection;
use insta::assert_snapshot;

use crate::support::cluster::private_cluster;
use crate::support::project::Project;

const FUNCTION: &str = "CREATE FUNCTION public.f(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS \
     $$BEGIN RAISE LOG 'planted as %', current_user; RETURN $1; END$$";

/// What PostgreSQL evaluates while it builds them.
const PLANTS: [(&str, &str); 6] = [
    ("a materialized view", "CREATE MATERIALIZED VIEW public.p AS SELECT public.f(1) AS x WITH NO DATA"),
    (
        "a view below one",
        "CREATE VIEW public.v AS SELECT public.f(1) AS x; CREATE MATERIALIZED VIEW public.p AS SELECT * FROM public.v \
         WITH NO DATA",
    ),
    ("an index", "CREATE TABLE public.p (id int); CREATE INDEX ON public.p ((id + public.f(1)))"),
    ("a check", "CREATE TABLE public.p (id int CHECK (public.f(1) + id > 0))"),
    (
        "the bound of a partition",
        "CREATE DOMAIN public.d AS int CHECK (public.f(VALUE) > 0); CREATE TABLE public.p (id public.d) \
         PARTITION BY RANGE (id)",
    ),
    (
        "SQL in a text",
        "CREATE MATERIALIZED VIEW public.p AS SELECT query_to_xml('SELECT public.f(1)', true, true, '') WITH NO DATA",
    ),
];

#[test]
fn definitions_that_would_run_code_of_another_role_are_written_and_not_built() {
    let cluster = private_cluster();
    let mut admin = cluster.connect("postgres");
    admin.batch_execute("CREATE ROLE mallory LOGIN PASSWORD 'secret'").unwrap();
    let planted = || {
        let log = std::fs::read(cluster.running.log()).unwrap();
        String::from_utf8_lossy(&log).matches("LOG:  planted as dev\n").count()
    };
    for (n, (name, plant)) in PLANTS.into_iter().enumerate() {
        let database = format!("shop{n}");
        admin.batch_execute(&format!("CREATE DATABASE {database}")).unwrap();
        cluster.connect(&database).batch_execute("GRANT CREATE ON SCHEMA public TO mallory").unwrap();
        let address = cluster.running.tcp_url(&database).unwrap().rsplit_once('@').unwrap().1.to_owned();
        PgConnection::establish(&format!("postgresql://mallory:secret@{address}"))
            .unwrap()
            .batch_execute(&format!("{FUNCTION}; {plant}"))
            .unwrap();
        let url = cluster.running.url(&database);
        let mut project = Project::new();
        project.connect_to(&url);
        let ran = project.run(&["pull", "--json"]);
        assert_eq!(ran.exits(0).json()["proved"], false, "{name}: {}", ran.text());
        let ran = project.run(&["diff", "empty", &url, "--prove"]);
        assert!(ran.exits(3).stderr.contains("of mallory"), "{name}: {}", ran.text());
        project.run(&["diff", "empty", &url]).exits(0);
        let ran = project.run(&["migrate", "--from", &url, "--name", "x"]);
        assert!(ran.exits(3).stderr.contains("of mallory"), "{name}: {}", ran.text());
        assert_eq!(planted(), 0, "{name}");
        if n == 0 {
            let said =
                ran.stderr.lines().filter(|line| line.starts_with("error: ") || line.starts_with("next: "));
            assert_snapshot!(said.collect::<Vec<_>>().join("\n"), @"
            error: refused: building these definitions in a shadow database would run code of other roles as a superuser there: public.f(integer) of mallory
            next: `pgkeel pull --output FILE` writes the definitions without running them; review the file, then `pgkeel migrate --from FILE`
            ");
        }
    }
}

#[test]
fn definitions_of_the_session_s_own_role_are_proved_as_before() {
    let cluster = private_cluster();
    let mut admin = cluster.connect("postgres");
    admin.batch_execute("CREATE DATABASE shop").unwrap();
    cluster.connect("shop").batch_execute(&format!("{FUNCTION}; {}", PLANTS[0].1)).unwrap();
    let mut project = Project::new();
    project.connect_to(&cluster.running.url("shop"));
    let ran = project.run(&["pull", "--json"]);
    assert_eq!(ran.exits(0).json()["proved"], true, "{}", ran.text());
}
