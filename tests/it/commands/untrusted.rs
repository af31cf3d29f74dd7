//! Questions about the rows of a plan do not run functions of other roles, which the planner calls for an index expression.

use diesel::Connection;
use diesel::PgConnection;
use diesel::connection::SimpleConnection;

use crate::support::cluster::private_cluster;
use crate::support::project::Project;

const PLANT: &str = "CREATE FUNCTION public.f(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS \
     $$BEGIN RAISE LOG 'planted as %', current_user; RETURN $1; END$$; \
     CREATE TABLE public.m (id int); INSERT INTO public.m VALUES (1), (2); CREATE INDEX ON public.m ((id + public.f(1)));";

#[test]
fn rows_of_a_table_whose_index_calls_another_role_s_function_are_not_counted() {
    let cluster = private_cluster();
    let mut admin = cluster.connect("postgres");
    admin
        .batch_execute(
            "CREATE ROLE owner LOGIN PASSWORD 'secret'; CREATE ROLE mallory LOGIN PASSWORD 'secret'",
        )
        .unwrap();
    admin.batch_execute("CREATE DATABASE shop OWNER owner").unwrap();
    cluster.connect("shop").batch_execute("GRANT CREATE ON SCHEMA public TO mallory, owner").unwrap();
    let address = cluster.running.tcp_url("shop").unwrap().rsplit_once('@').unwrap().1.to_owned();
    let url = |role: &str| match role {
        "dev" => cluster.running.url("shop"),
        role => format!("postgresql://{role}:secret@{address}"),
    };
    let log = |role: &str| {
        let log = std::fs::read(cluster.running.log()).unwrap();
        String::from_utf8_lossy(&log).matches(&format!("LOG:  planted as {role}\n")).count()
    };
    PgConnection::establish(&url("mallory")).unwrap().batch_execute(PLANT).unwrap();
    let mut project = Project::with_migrations(&[(
        "20260101000000_a",
        "CREATE TABLE public.a (id int);",
        "DROP TABLE public.a;",
    )]);
    project.connect_to(&url("owner"));
    project.run(&["deploy"]).exits(0);
    for role in ["dev", "owner"] {
        project.connect_to(&url(role));
        project.run(&["drift", "--sql"]).exits(6);
        let ran = project.run(&["diff", &url(role), "migrations"]);
        assert!(ran.exits(0).stdout.contains("-- data-loss: the rows of public.m\n"), "{}", ran.text());
        assert_eq!(log(role), 0, "{role}");
    }
    // A function of the session's own role, or of a superuser, is called as before.
    admin = cluster.connect("shop");
    admin.batch_execute("ALTER FUNCTION public.f OWNER TO dev").unwrap();
    let ran = project.run(&["diff", &url("dev"), "migrations"]);
    assert!(ran.exits(0).stdout.contains("-- data-loss: the rows of public.m (2 rows)\n"), "{}", ran.text());
}
