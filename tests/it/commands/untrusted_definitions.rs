//! Definitions that lesser roles wrote into a database are built in a shadow database over a login, with no more rights than
//! that; what only a superuser may create comes back as well.

use std::process::Stdio;

use diesel::Connection;
use diesel::PgConnection;
use diesel::connection::SimpleConnection;
use insta::assert_snapshot;

use crate::support::cluster::{PrivateCluster, private_cluster};
use crate::support::poll;
use crate::support::project::Project;

const FUNCTION: &str = "CREATE FUNCTION public.f(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS \
     $$BEGIN RAISE LOG 'planted as %', current_user; RETURN $1; END$$";

/// What PostgreSQL evaluates while it builds them, or as rows go in.
const PLANTS: [(&str, &str); 8] = [
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
    (
        "a trigger",
        "CREATE FUNCTION public.t() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM public.f(1); RETURN NEW; END'; \
         CREATE TABLE public.p (id int); \
         CREATE TRIGGER t BEFORE INSERT ON public.p FOR EACH ROW EXECUTE FUNCTION public.t()",
    ),
    (
        "a rule",
        "CREATE TABLE public.p (id int); CREATE RULE r AS ON INSERT TO public.p DO ALSO SELECT public.f(1)",
    ),
];

/// What a superuser adds to the database of an ordinary role.
const SUPERUSERS: &str = "
CREATE OPERATOR CLASS public.by_f FOR TYPE int USING btree AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=,
  OPERATOR 5 >, FUNCTION 1 public.cmp(int, int);
CREATE INDEX by_f ON public.p (id public.by_f);
CREATE TYPE public.base;
CREATE FUNCTION public.base_in(cstring) RETURNS public.base LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
CREATE FUNCTION public.base_out(public.base) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out';
CREATE TYPE public.base (INPUT = public.base_in, OUTPUT = public.base_out, LIKE = int4);
CREATE CAST (public.base AS int) WITHOUT FUNCTION;
CREATE CAST (public.mood AS int) WITH INOUT;
CREATE FUNCTION public.sealed(int) RETURNS boolean LANGUAGE sql IMMUTABLE LEAKPROOF AS 'SELECT true';
CREATE AGGREGATE public.joined(text, text) (SFUNC = string_agg_transfn, STYPE = internal, FINALFUNC = string_agg_finalfn);
CREATE FOREIGN DATA WRAPPER none;
CREATE SERVER elsewhere FOREIGN DATA WRAPPER none;
CREATE PUBLICATION everything FOR ALL TABLES;
CREATE EVENT TRIGGER watching ON ddl_command_end EXECUTE FUNCTION public.watch();
CREATE EVENT TRIGGER always ON ddl_command_start EXECUTE FUNCTION public.watch();
ALTER EVENT TRIGGER always ENABLE ALWAYS;
";

/// The database of an ordinary role, with functions of its own.
const ORDINARY: &str = "
CREATE FUNCTION public.cmp(int, int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1 - $2';
CREATE TYPE public.mood AS ENUM ('1', '2');
CREATE FUNCTION public.watch() RETURNS event_trigger LANGUAGE plpgsql AS
  $$BEGIN RAISE LOG 'planted as %', current_user; END$$;
CREATE TABLE public.p (id int CHECK (public.f(id) > 0), g int GENERATED ALWAYS AS (public.f(id)) STORED);
ALTER TABLE public.p ENABLE ROW LEVEL SECURITY; ALTER TABLE public.p FORCE ROW LEVEL SECURITY;
CREATE POLICY mine ON public.p USING (public.f(id) = 1);
CREATE MATERIALIZED VIEW public.m AS SELECT public.f(1) AS x;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO reader;
GRANT SELECT (id) ON public.p TO reader WITH GRANT OPTION;
";

struct Shop {
    cluster: PrivateCluster,
    project: Project,
    name: String,
}

impl Shop {
    /// A database of the role `mallory`.
    fn new(cluster: PrivateCluster, name: &str) -> Self {
        let mut admin = cluster.connect("postgres");
        admin
            .batch_execute(
                "DO $$BEGIN CREATE ROLE mallory LOGIN PASSWORD 'secret'; CREATE ROLE reader; \
                 EXCEPTION WHEN duplicate_object THEN NULL; END$$",
            )
            .unwrap();
        admin.batch_execute(&format!("CREATE DATABASE {name} OWNER mallory")).unwrap();
        cluster.connect(name).batch_execute("GRANT CREATE ON SCHEMA public TO mallory").unwrap();
        let mut project = Project::new();
        project.connect_to(&cluster.running.url(name));
        Self { cluster, project, name: name.to_owned() }
    }

    fn url(&self) -> String {
        self.cluster.running.url(&self.name)
    }

    fn as_mallory(&self, sql: &str) {
        let address = self.cluster.running.tcp_url(&self.name).unwrap();
        let address = address.rsplit_once('@').unwrap().1;
        PgConnection::establish(&format!("postgresql://mallory:secret@{address}"))
            .unwrap()
            .batch_execute(sql)
            .unwrap();
    }

    /// How often code ran with the rights of the superuser.
    fn planted(&self) -> usize {
        let log = std::fs::read(self.cluster.running.log()).unwrap();
        String::from_utf8_lossy(&log).matches("LOG:  planted as dev\n").count()
    }

    /// Run a command; nothing that was planted runs as the superuser, and no login stays.
    #[track_caller]
    fn runs(&self, arguments: &[&str], exit: i32) -> String {
        let before = self.planted();
        let ran = self.project.run(arguments);
        ran.exits(exit);
        assert_eq!(self.planted(), before, "{}", ran.text());
        let left = "DO $$BEGIN ASSERT NOT EXISTS (SELECT FROM pg_roles WHERE rolname LIKE 'pgkeel%'); END$$";
        self.cluster.connect("postgres").batch_execute(left).unwrap();
        ran.text().to_owned()
    }

    fn proves(&self, arguments: &[&str]) {
        let text = self.runs(arguments, 0);
        assert!(text.contains("proved") && !text.contains("not proved"), "{text}");
    }

    /// Whatever builds what was read of this database.
    fn builds(&self) {
        for more in [&[][..], &["--owners"]] {
            let text = self.runs(&[&["pull", "--json", "--yes"], more].concat(), 0);
            assert!(text.contains("\"proved\": true"), "{text}");
            self.proves(&[&["diff", "empty", &self.url(), "--prove", "--summary"], more].concat());
            self.proves(&[&["diff", &self.url(), "empty", "--prove", "--summary"], more].concat());
        }
        self.runs(&["migrate", "--from", &self.url(), "--name", "x", "--create-only"], 0);
    }
}

#[test]
fn definitions_of_another_role_are_built_over_a_login() {
    let cluster = private_cluster();
    let mut shop = Shop::new(cluster, "shop");
    for (n, (name, plant)) in PLANTS.into_iter().enumerate() {
        eprintln!("{name}");
        if n > 0 {
            shop = Shop::new(shop.cluster, &format!("shop{n}"));
        }
        shop.as_mallory(&format!("{FUNCTION}; {plant}"));
        shop.builds();
    }
}

#[test]
fn what_only_a_superuser_may_create_is_proved_with_it() {
    let shop = Shop::new(private_cluster(), "shop");
    shop.as_mallory(&format!("{FUNCTION}; {ORDINARY}"));
    shop.cluster.connect("shop").batch_execute(SUPERUSERS).unwrap();
    let before = shop.planted();
    shop.builds();
    assert_eq!(shop.planted(), before);
}

#[test]
fn a_database_that_is_given_as_a_shadow_is_left_as_it_was() {
    let mut shop = Shop::new(private_cluster(), "shop");
    shop.as_mallory(&format!("{FUNCTION}; {ORDINARY}"));
    let mut admin = shop.cluster.connect("postgres");
    admin.batch_execute("CREATE DATABASE given").unwrap();
    let shadow = shop.cluster.running.url("given");
    shop.project.set("SHADOW_DATABASE_URL", &shadow);
    let ran = shop.project.run(&["pull", "--json"]);
    assert_eq!(ran.exits(0).json()["proved"], true, "{}", ran.text());
    let left = "DO $$BEGIN ASSERT NOT EXISTS (SELECT FROM pg_roles WHERE rolname LIKE 'pgkeel%'); \
         ASSERT (SELECT nspowner FROM pg_namespace WHERE nspname = 'public') IN ('pg_database_owner'::regrole, 10); \
         ASSERT NOT EXISTS (SELECT FROM pg_class WHERE oid >= 16384 AND relnamespace = 'public'::regnamespace); END$$";
    shop.cluster.connect("given").batch_execute(left).unwrap();
    assert_eq!(shop.planted(), 0);
}

#[test]
fn nobody_else_can_connect_to_a_database_that_is_given_as_a_shadow_while_a_superuser_works_in_it() {
    let mut shop = Shop::new(private_cluster(), "shop");
    let mut admin = shop.cluster.connect("postgres");
    admin.batch_execute("CREATE DATABASE given").unwrap();
    let shadow = shop.cluster.running.url("given");
    shop.project.set("SHADOW_DATABASE_URL", &shadow);
    let address = shop.cluster.running.tcp_url("given").unwrap().rsplit_once('@').unwrap().1.to_owned();
    let as_mallory = || PgConnection::establish(&format!("postgresql://mallory:secret@{address}"));
    let mut before = as_mallory().unwrap();
    let flag = shop.project.root().join("flag");
    let mut command = shop.project.command(&["validate", "--replay"]);
    command.env("PGKEEL_FAULT", format!("shadow-created:{}", flag.display()));
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    poll::until(60, "the shadow is there", || flag.exists().then_some(()));
    assert!(before.batch_execute("SELECT 1").is_err());
    assert!(as_mallory().is_err());
    // The run after a killed one opens it again.
    child.kill().unwrap();
    child.wait().unwrap();
    std::fs::remove_file(&flag).unwrap();
    assert!(as_mallory().is_err());
    shop.project.run(&["validate", "--replay"]).exits(0);
    as_mallory().unwrap();
    let settings = "DO $$BEGIN ASSERT NOT EXISTS (SELECT FROM pg_db_role_setting WHERE setconfig::text LIKE '%pgkeel%'); END$$";
    admin.batch_execute(settings).unwrap();
}

#[test]
fn where_the_server_admits_no_login_it_is_refused_unless_the_role_is_trusted() {
    let shop = Shop::new(private_cluster(), "shop");
    shop.as_mallory(&format!("{FUNCTION}; {}", PLANTS[3].1));
    let access = shop.cluster.running.log().with_file_name("pg_hba.conf");
    std::fs::write(access, "local all dev peer map=pgkeel\n").unwrap();
    shop.cluster.connect("postgres").batch_execute("SELECT pg_reload_conf()").unwrap();
    let text = shop.runs(&["diff", &shop.url(), "empty", "--prove"], 3);
    let said = text.lines().filter(|line| line.starts_with("error: ") || line.starts_with("next: "));
    // What follows names the login and the address.
    let said = said.map(|line| line.split(": cannot connect").next().unwrap_or_default());
    assert_snapshot!(said.collect::<Vec<_>>().join("\n"), @"
    error: building these definitions would run code of roles that are not superusers, constraint public.p.p_id_check of `mallory`, function public.f(integer) of `mallory`; a login that was created for it could not connect (pg_hba.conf has to let it in)
    next: let SHADOW_DATABASE_URL name a server that admits roles with a password, or give `--trust-code-of 'mallory'`
    ");
    let text = shop.runs(&["pull", "--json"], 0);
    assert!(text.contains("\"proved\": false"), "{text}");
    shop.runs(&["migrate", "--from", &shop.url(), "--name", "x"], 3);
    let trusted = ["diff", &shop.url(), "empty", "--prove", "--trust-code-of", "mallory"];
    shop.project.run(&trusted).exits(0);
    assert!(shop.planted() > 0);
}

#[test]
fn definitions_of_a_superuser_are_proved_as_before() {
    let cluster = private_cluster();
    let mut admin = cluster.connect("postgres");
    admin.batch_execute("CREATE DATABASE shop").unwrap();
    cluster.connect("shop").batch_execute(&format!("{FUNCTION}; {}", PLANTS[3].1)).unwrap();
    let mut project = Project::new();
    project.connect_to(&cluster.running.url("shop"));
    let url = cluster.running.url("shop");
    project.run(&["diff", &url, "empty", "--prove"]).exits(0);
    let log = String::from_utf8_lossy(&std::fs::read(cluster.running.log()).unwrap()).into_owned();
    assert!(log.contains("LOG:  planted as dev\n") && !log.contains("planted as pgkeel"), "{log}");
}
