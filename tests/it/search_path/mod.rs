//! Checks that no statement of ours depends on the search_path. The database's own path names a schema before pg_catalog
//! which holds a copy of every function, operator, aggregate, type and view of pg_catalog. Each copy reports to the server's
//! log that it ran. The SQL of the project itself is qualified throughout: what is reported is ours.

use diesel::connection::SimpleConnection;

use crate::support::cluster::{PrivateCluster, private_cluster_with};
use crate::support::project::Project;

const PLANTS: &str = include_str!("plants.sql");

/// How a line of the log begins: the application, so that pgkeel's statements are known, and a mark.
const PREFIX: &str = "##%a##";

const TABLE: (&str, &str, &str) = (
    "20260101000000_table",
    "CREATE TABLE public.a (id pg_catalog.int8 PRIMARY KEY, t pg_catalog.text);",
    "DROP TABLE public.a;",
);

const INDEX: (&str, &str, &str) = (
    "20260102000000_index",
    "CREATE INDEX CONCURRENTLY a_t ON public.a (t);",
    "DROP INDEX CONCURRENTLY public.a_t;",
);

/// A project on a server of its own, in a database whose search_path is hostile.
struct Planted {
    project: Project,
    cluster: PrivateCluster,
    read: usize,
}

impl Planted {
    fn new() -> Self {
        let cluster = private_cluster_with(|spec| {
            spec.settings.push(("log_line_prefix".into(), PREFIX.into()));
        });
        let mut admin = cluster.connect("postgres");
        admin.batch_execute("CREATE DATABASE shop").unwrap();
        cluster.connect("shop").batch_execute(PLANTS).unwrap();
        admin.batch_execute("ALTER DATABASE shop SET search_path = public, evil, pg_catalog").unwrap();
        let project = Project::with_migrations(&[TABLE, INDEX]).url(&cluster.running.url("shop"));
        project
            .file(&format!("migrations/{}/metadata.toml", INDEX.0), "run_in_transaction = false\n")
            .file("seeds/dev/a.sql", "INSERT INTO public.a VALUES (1, 'x') ON CONFLICT DO NOTHING;")
            .file("schema.sql", format!("{}\nCREATE INDEX a_t ON public.a (t);", TABLE.1));
        let mut planted = Self { project, cluster, read: 0 };
        planted.reports();
        planted
    }

    /// Run a command, which must end with `code`, and check that nothing planted ran.
    #[track_caller]
    fn runs(&mut self, arguments: &[&str], code: i32) {
        self.project.run(arguments).exits(code);
        let reports = self.reports();
        assert!(reports.is_empty(), "{arguments:?} ran what was planted:\n{}", reports.join("\n"));
    }

    /// What planted ran since the last time, each with the statement that called it.
    fn reports(&mut self) -> Vec<String> {
        let log = std::fs::read(self.cluster.running.log()).unwrap();
        let new = String::from_utf8_lossy(&log[self.read..]).into_owned();
        self.read = log.len();
        let mut all = Vec::new();
        let mut planted = None;
        for entry in new.split("##pgkeel") {
            let Some((_, entry)) = entry.split_once("##") else { continue };
            if let Some(what) = entry.strip_prefix("LOG:  planted ") {
                planted = Some(what.lines().next().unwrap_or_default().to_owned());
            } else if let Some(statement) = entry.strip_prefix("STATEMENT:  ")
                && let Some(what) = planted.take()
            {
                all.push(format!("{what}: {statement}"));
            }
        }
        all.sort();
        all.dedup();
        all
    }
}

#[test]
fn what_another_schema_has_of_the_same_name_never_runs_in_our_statements() {
    let mut shop = Planted::new();
    shop.runs(&["status"], 4);
    shop.runs(&["deploy"], 0);
    shop.runs(&["status"], 0);
    shop.runs(&["deploy"], 0);
    shop.runs(&["seed", "--set", "dev"], 0);
    shop.runs(&["validate"], 0);
    shop.runs(&["env", "set", "staging"], 0);
    shop.runs(&["env", "show"], 0);
    shop.runs(&["health"], 0);
    shop.runs(&["execute", "--sql", "TABLE public.a"], 0);
    shop.runs(&["execute", "--sql", "INSERT INTO public.a VALUES (2)"], 0);
    shop.runs(&["execute", "--sql", "DELETE FROM public.a", "--yes"], 0);
    shop.runs(&["diff", "migrations", "schema.sql"], 0);
    shop.runs(&["diff", "migrations", "schema.sql", "--prove"], 0);
    shop.runs(&["migrate", "list"], 0);
    shop.runs(&["rollback", "--steps", "2", "--yes"], 0);
    shop.runs(&["deploy"], 0);
    shop.runs(&["reset", "--yes"], 0);
}

#[test]
fn neither_does_it_in_a_backup_or_a_restore() {
    let mut shop = Planted::new();
    shop.runs(&["deploy"], 0);
    shop.runs(&["backup"], 0);
    shop.runs(&["backup", "verify", "latest", "--level", "2"], 0);
    shop.runs(&["backup", "verify", "latest", "--level", "3"], 0);
    shop.runs(&["restore", "latest", "--into", "beside"], 0);
    shop.runs(&["restore", "latest", "--yes", "--in-place"], 0);
    shop.runs(&["restore", "latest", "--yes"], 0);
    shop.runs(&["restore", "--undo", "--yes"], 0);
    shop.runs(&["restore", "--redo", "--yes"], 0);
    shop.runs(&["restore", "--drop-quarantine", "--yes"], 0);
    shop.runs(&["rollback", "--to-backup", "latest", "--yes"], 0);
}

#[test]
fn neither_does_it_where_the_catalog_is_compared() {
    let mut shop = Planted::new();
    shop.runs(&["deploy"], 0);
    // What was planted is drift.
    shop.runs(&["drift"], 6);
    shop.runs(&["drift", "--refresh"], 6);
    shop.runs(&["migrate", "--name", "more", "--dry-run"], 6);
    shop.project.file(
        "migrations/20260103000000_unique/up.sql",
        "CREATE UNIQUE INDEX CONCURRENTLY a_u ON public.a (t);",
    );
    shop.project.file("migrations/20260103000000_unique/metadata.toml", "run_in_transaction = false\n");
    shop.runs(&["execute", "--sql", "INSERT INTO public.a VALUES (8, 'x'), (9, 'x')"], 0);
    shop.runs(&["deploy"], 1);
    shop.runs(&["execute", "--sql", "DELETE FROM public.a", "--yes"], 0);
    shop.runs(&["deploy"], 0);
    shop.runs(&["migrate", "squash", "--through", "20260102000000", "--name", "squashed"], 0);
    shop.runs(&["deploy"], 0);
    shop.runs(&["resolve", "--rolled-back", "20260103000000"], 0);
}
