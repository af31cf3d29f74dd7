//! Who takes part: the role that plants, an ordinary role that deploys, and the superuser of the tests' server; and the
//! databases in which they meet.

use std::path::PathBuf;
use std::process::{Child, Stdio};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

use crate::support::cluster::{self, TestDb, unique};
use crate::support::project::Project;

use super::commands::Command;
use super::evidence::{Planter, Watch};
use super::report::Cell;

/// Who applied the first migration before the stage begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Records {
    /// Nobody.
    None,
    /// The planter: ledger and bookkeeping are its own.
    Planter,
    /// The role that runs the commands.
    Runner,
}

/// What the planter may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Powers {
    /// Nothing.
    None,
    /// CREATE in the database and in its schema `public`.
    MayCreate,
    /// It owns the database.
    OwnsDatabase,
}

/// Who runs the commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Runner {
    /// The superuser.
    Superuser,
    /// An ordinary role that owns the database.
    Owner,
}

/// A role with a password.
#[derive(Debug)]
pub(super) struct Login {
    pub(super) name: String,
    password: String,
}

impl Login {
    fn new(prefix: &str, admin: &mut PgConnection) -> Self {
        let login = Self { name: unique(prefix), password: unique("secret") };
        let create = format!("CREATE ROLE {} LOGIN PASSWORD '{}'", login.name, login.password);
        admin.batch_execute(&create).unwrap();
        login
    }

    /// This database as this role.
    pub(super) fn url(&self, db: &TestDb) -> String {
        let address = db.tcp_url.rsplit_once('@').expect("the URL names a user").1;
        format!("postgresql://{}:{}@{address}", self.name, self.password)
    }
}

/// The roles of one test, and the database that its stages begin with.
#[derive(Debug)]
pub(super) struct Cast {
    powers: Powers,
    runner: Runner,
    pub(super) mallory: Login,
    pub(super) deployer: Login,
    /// `None` while it is dropped.
    origin: Option<TestDb>,
}

/// The first migration; the others are pending.
pub(super) const FIRST: &str = "20260101000000";

const CONFIG: &str = "schema = \"schema.sql\"\n";

/// What the migrations make, and one table more.
const SCHEMA: &str = "CREATE TABLE public.a (id int PRIMARY KEY); CREATE TABLE public.b (id int PRIMARY KEY); \
    CREATE TABLE public.c (id int PRIMARY KEY); CREATE INDEX c_id ON public.c (id); CREATE TABLE public.d (id int PRIMARY KEY);";

/// A project with three migrations and a seed, none of which calls anything.
fn project_over(db: TestDb) -> Project {
    let project = Project::over(db);
    for (version, table) in [(FIRST, "a"), ("20260102000000", "b"), ("20260103000000", "c")] {
        let up = format!("CREATE TABLE public.{table} (id int PRIMARY KEY);");
        project.migration(&format!("{version}_{table}"), &up, &format!("DROP TABLE public.{table};"));
    }
    // The last one in no transaction: its record is written statement by statement.
    project
        .file("migrations/20260103000000_c/metadata.toml", "run_in_transaction = false\n")
        .file(
            "migrations/20260103000000_c/up.sql",
            "CREATE TABLE public.c (id int PRIMARY KEY);\nCREATE INDEX CONCURRENTLY c_id ON public.c (id);\n",
        )
        .file("pgkeel.toml", CONFIG)
        .file("schema.sql", SCHEMA)
        .file("seeds/10_a.sql", "INSERT INTO public.a VALUES (1) ON CONFLICT DO NOTHING;");
    project
}

impl Cast {
    /// The roles, and a database with these records.
    pub(super) fn new(powers: Powers, runner: Runner, records: Records) -> Self {
        let origin = TestDb::new();
        let mut admin = origin.connect();
        let (mallory, deployer) = (Login::new("m", &mut admin), Login::new("d", &mut admin));
        if powers != Powers::None {
            // The default of PostgreSQL 14.
            admin.batch_execute("GRANT CREATE ON SCHEMA public TO PUBLIC").unwrap();
        }
        let mut cast = Self { powers, runner, mallory, deployer, origin: None };
        let mut project = project_over(origin);
        cast.owns(&project);
        match (records, runner) {
            (Records::Planter, _) => project.connect_to(&cast.mallory.url(&project.db)),
            (Records::Runner, Runner::Owner) => project.connect_to(&cast.deployer.url(&project.db)),
            _ => {}
        }
        if records != Records::None {
            project.run(&["deploy", "--to", FIRST]).exits(0);
            project.run(&["seed"]).exits(0);
        }
        cast.origin = Some(project.db);
        cast
    }

    /// A database belongs to whom it shall: that is not copied with it.
    fn owns(&self, project: &Project) {
        let (name, mallory) = (&project.db.name, &self.mallory.name);
        let owner = match (self.powers, self.runner) {
            (Powers::OwnsDatabase, _) => mallory,
            (_, Runner::Owner) => &self.deployer.name,
            _ => "dev",
        };
        project.sql(&format!("ALTER DATABASE {name} OWNER TO {owner}"));
        if self.powers == Powers::MayCreate {
            project.sql(&format!("GRANT CREATE ON DATABASE {name} TO {mallory}"));
        }
    }

    /// A copy of the database with a project of its own.
    pub(super) fn stage(&self) -> Stage<'_> {
        let db = self.origin.as_ref().expect("it is there until the end").copied();
        let name = db.name.clone();
        let mut project = project_over(db);
        self.owns(&project);
        if self.runner == Runner::Owner {
            project.connect_to(&self.deployer.url(&project.db));
        }
        let mut stage = Stage { cast: self, watch: Watch::start(&name), project, rights: String::new() };
        stage.rights = stage.rights();
        stage
    }
}

impl Drop for Cast {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        drop(self.origin.take());
        for role in [&self.mallory.name, &self.deployer.name] {
            cluster::admin().batch_execute(&format!("DROP ROLE {role}")).unwrap();
        }
    }
}

/// A database and a project in which plants meet commands.
#[derive(Debug)]
pub(super) struct Stage<'a> {
    pub(super) cast: &'a Cast,
    pub(super) project: Project,
    watch: Watch,
    rights: String,
}

impl Stage<'_> {
    /// Code of the planter in this database.
    pub(super) fn planter(&self) -> Planter {
        Planter {
            mallory: self.cast.mallory.name.clone(),
            ours: vec!["dev".to_owned(), self.cast.deployer.name.clone()],
            tag: self.project.db.name.clone(),
        }
    }

    /// A session of the planter.
    pub(super) fn mallory(&self) -> PgConnection {
        PgConnection::establish(&self.cast.mallory.url(&self.project.db)).unwrap()
    }

    /// Run this as the planter.
    #[track_caller]
    pub(super) fn plant(&self, sql: &str) {
        self.mallory()
            .batch_execute(sql)
            .unwrap_or_else(|e| panic!("{e}: {}", sql.lines().last().unwrap_or_default()));
    }

    /// Let the deployer use everything: a planter that lures does not lock out.
    pub(super) fn share(&self) {
        self.project.sql(&format!(
            "GRANT USAGE ON SCHEMA pgkeel TO {0}; GRANT ALL ON ALL TABLES IN SCHEMA pgkeel, public TO {0}; \
             GRANT ALL ON ALL SEQUENCES IN SCHEMA pgkeel TO {0}",
            self.cast.deployer.name
        ));
    }

    /// The project trusts the planter with the tables of the record.
    pub(super) fn trust(&self) {
        let config = format!("{CONFIG}trusted_owners = [\"{}\"]\n", self.cast.mallory.name);
        self.project.file("pgkeel.toml", config);
    }

    /// The planter's rights: its attributes, memberships in both directions, and what belongs to it outside of databases.
    fn rights(&self) -> String {
        let mallory = &self.cast.mallory.name;
        self.project.words(&format!(
            "SELECT concat_ws(' ', r.rolsuper, r.rolcreaterole, r.rolcreatedb, r.rolreplication, r.rolbypassrls, \
             (SELECT count(*) FROM pg_auth_members m WHERE r.oid IN (m.member, m.roleid)), \
             (SELECT d.datdba = r.oid FROM pg_database d WHERE d.datname = current_database()), \
             (SELECT n.nspowner = r.oid FROM pg_namespace n WHERE n.nspname = 'public')) \
             FROM pg_roles r WHERE r.rolname = '{mallory}'"
        ))
    }

    /// Run a command, and look at what ran with it.
    pub(super) fn run(&mut self, command: &Command) -> Cell {
        let running = self.start(command, None);
        self.ended(command, running)
    }

    /// Start a command; it stops at this point of the program.
    pub(super) fn start(&mut self, command: &Command, point: Option<&str>) -> Child {
        self.watch.traces();
        let words = command.words(&self.project.url_text(), &self.project.db.name);
        let mut program = self.project.command(&words.iter().map(String::as_str).collect::<Vec<_>>());
        if let Some(point) = point {
            program.env("PGKEEL_FAULT", format!("{point}:{}", self.flag().display()));
        }
        program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// The file that says that a run has come to its point.
    pub(super) fn flag(&self) -> PathBuf {
        self.project.root().join("fault")
    }

    /// Wait until the command has ended, and look at what ran with it.
    pub(super) fn ended(&mut self, command: &Command, running: Child) -> Cell {
        let output = running.wait_with_output().unwrap();
        let [stdout, stderr] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
        let code = output.status.code().expect("the program ended by itself");
        let shown = self.project.shown(&stdout, &stderr, code);
        let mut complaints = command.complaints(code, &shown);
        let rights = self.rights();
        if rights != self.rights {
            complaints.push(format!("the planter's rights were `{}` and are `{rights}`", self.rights));
        }
        Cell { code, shown, traces: self.watch.traces(), complaints }
    }
}

impl Drop for Stage<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        // What restores have left: named after the database, or with a comment that names it.
        let name = &self.project.db.name;
        let beside = self.project.words(&format!(
            "SELECT coalesce(string_agg(pg_catalog.format('%I', datname), ' '), '') FROM pg_database \
             WHERE starts_with(datname, '{name}_') \
               OR strpos(shobj_description(oid, 'pg_database'), '\"of\":\"{name}\"') > 0"
        ));
        for other in beside.split_whitespace() {
            cluster::admin().batch_execute(&format!("DROP DATABASE {other} WITH (FORCE)")).unwrap();
        }
    }
}
