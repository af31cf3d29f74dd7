//! The server of a test run, and a database per test. `TEST_DATABASE_URL` replaces the server, `TEST_PG_BIN`
//! chooses a directory of binaries.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use diesel::connection::SimpleConnection;
use diesel::sql_types::{BigInt, Text};
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, sql_query};
use nix::sys::statvfs::statvfs;
use pgkeel::pg::cluster::{Cluster, ClusterSpec, Durability, Listen, Running, cluster_id};
use pgkeel::pg::tools::{Search, Tools, Wanted};

use super::reaper::{self, Lease};

/// Copied for every test. It lets nobody in, because CREATE DATABASE fails while somebody is connected to it.
const TEMPLATE: &str = "pgkeel_template";

/// A variable of the environment that tests may look at.
#[expect(clippy::disallowed_methods, reason = "the tests have no configuration but these variables")]
pub(crate) fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// Where the tests look for PostgreSQL's programs.
pub(crate) fn search() -> Search {
    Search { pg_bin: variable("TEST_PG_BIN").map(PathBuf::from), path: variable("PATH") }
}

/// The folder of this checkout's test clusters. It stays, with the initialised data directory, for the next run.
pub(crate) fn base() -> PathBuf {
    let checkout = cluster_id(Path::new(env!("CARGO_MANIFEST_DIR")));
    base_named(&format!("pgkeel-tests-{}-{checkout}", nix::unistd::geteuid()))
}

/// A folder for test clusters: in memory where that is large, because a cluster is a thousand small files.
pub(crate) fn base_named(name: &str) -> PathBuf {
    const LARGE: u128 = 4 << 30;
    let memory = Path::new("/dev/shm");
    // Its size, not what is free: all processes of a run must agree.
    let size = statvfs(memory).map_or(0, |fs| u128::from(fs.blocks()) * u128::from(fs.fragment_size()));
    if size >= LARGE { memory.join(name) } else { Path::new("/tmp").join(name) }
}

/// A disposable cluster of `base`; nothing happens yet.
pub(crate) fn at(base: &Path, id: &str) -> Cluster {
    Cluster::new(spec(base, id))
}

/// The description of a disposable cluster of `base`, with TCP.
pub(crate) fn spec(base: &Path, id: &str) -> ClusterSpec {
    ClusterSpec {
        state_dir: base.to_owned(),
        id: id.to_owned(),
        socket_base: None,
        search: search(),
        durability: Durability::Disposable,
        listen: Listen::Tcp,
        settings: Vec::new(),
    }
}

/// The server of this run.
enum Server {
    /// From `TEST_DATABASE_URL`.
    Given { url: String },
    /// Ours.
    Own { running: Box<Running>, _lease: Lease },
}

impl Server {
    fn get() -> &'static Server {
        static SERVER: OnceLock<Server> = OnceLock::new();
        SERVER.get_or_init(|| {
            let server = match variable("TEST_DATABASE_URL") {
                Some(url) => Server::Given { url: url.into_string().expect("TEST_DATABASE_URL is UTF-8") },
                None => {
                    let lease = lease();
                    // Two directories of binaries are two servers, and so are two versions in one: the data
                    // directory stays for the next run.
                    let id = match search().pg_bin {
                        Some(folder) => cluster_id(&folder.join(chosen_version())),
                        None => cluster_id(Path::new("run")),
                    };
                    let running = at(&base(), &id).start(&mut |_| {}).unwrap_or_else(|e| panic!("{e}"));
                    Server::Own { running: Box::new(running), _lease: lease }
                }
            };
            server.is_the_chosen_one();
            server.make_template();
            server
        })
    }

    fn url(&self, database: &str) -> String {
        match self {
            Server::Given { url } => with_database(url, database),
            Server::Own { running, .. } => running.url(database),
        }
    }

    fn tcp_url(&self, database: &str) -> String {
        match self {
            Server::Given { url } => with_database(url, database),
            Server::Own { running, .. } => {
                running.tcp_url(database).expect("the tests' server listens on TCP")
            }
        }
    }

    fn admin(&self) -> PgConnection {
        let url = match self {
            Server::Given { url } => url.clone(),
            Server::Own { running, .. } => running.url("postgres"),
        };
        PgConnection::establish(&url).unwrap_or_else(|e| panic!("cannot connect to the tests' server: {e}"))
    }

    /// A version that pgkeel does not take from `TEST_PG_BIN` would be replaced by another one in silence.
    fn is_the_chosen_one(&self) {
        let (Server::Own { .. }, Some(_)) = (self, variable("TEST_PG_BIN")) else { return };
        let running = words(&mut self.admin(), "SELECT current_setting('server_version') AS value");
        assert_eq!(running, chosen_version(), "the server of TEST_PG_BIN is not the one that runs");
    }

    fn make_template(&self) {
        let mut admin = self.admin();
        admin.batch_execute(&format!("SELECT pg_advisory_lock(hashtext('{TEMPLATE}'))")).unwrap();
        let there = format!("SELECT count(*) AS value FROM pg_database WHERE datname = '{TEMPLATE}'");
        if number(&mut admin, &there) == 0 {
            let options = "TEMPLATE template0 ALLOW_CONNECTIONS false IS_TEMPLATE true";
            admin.batch_execute(&format!("CREATE DATABASE {TEMPLATE} {options}")).unwrap();
        }
    }
}

/// A session of the server that belongs to no test.
pub(crate) fn admin() -> PgConnection {
    Server::get().admin()
}

/// The log of the tests' own server; `None` where `TEST_DATABASE_URL` names another one.
pub(crate) fn log() -> Option<PathBuf> {
    match Server::get() {
        Server::Given { .. } => None,
        Server::Own { running, .. } => Some(running.log().to_owned()),
    }
}

/// The version of the server in `TEST_PG_BIN`.
fn chosen_version() -> String {
    Tools::find(&search(), "postgres", Wanted::Any).unwrap().version.text
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    value: i64,
}

#[derive(QueryableByName)]
struct Words {
    #[diesel(sql_type = Text)]
    value: String,
}

/// The answer of a query with one column, `value`, of type bigint.
pub(crate) fn number(connection: &mut PgConnection, query: &str) -> i64 {
    sql_query(query).get_result::<Number>(connection).unwrap().value
}

/// The answer of a query with one column, `value`, of type text.
pub(crate) fn words(connection: &mut PgConnection, query: &str) -> String {
    sql_query(query).get_result::<Words>(connection).unwrap().value
}

/// The lease of this process on this checkout's clusters.
fn lease() -> Lease {
    Lease::take(&base())
}

/// A database of one test. It is dropped with this value, unless the test fails: then it says how to look at it.
#[derive(Debug)]
pub(crate) struct TestDb {
    pub(crate) name: String,
    /// On the unix socket, without a password.
    pub(crate) url: String,
    /// On the loopback address, with a password.
    pub(crate) tcp_url: String,
}

impl TestDb {
    /// An empty database, copied from the template in about 0.1 s.
    pub(crate) fn new() -> TestDb {
        let server = Server::get();
        let name = unique("t");
        let create = format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE}");
        server.admin().batch_execute(&create).unwrap();
        TestDb { url: server.url(&name), tcp_url: server.tcp_url(&name), name }
    }

    /// A copy of this database, which must have no other sessions.
    pub(crate) fn copied(&self) -> TestDb {
        let server = Server::get();
        let name = unique("t");
        let create = format!("CREATE DATABASE {name} TEMPLATE {}", self.name);
        // The backends of runs that ended a moment ago take a little longer to go.
        super::poll::until(20, "the database can be copied", || server.admin().batch_execute(&create).ok());
        TestDb { url: server.url(&name), tcp_url: server.tcp_url(&name), name }
    }

    /// A new session.
    pub(crate) fn connect(&self) -> PgConnection {
        PgConnection::establish(&self.url).unwrap()
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        if std::thread::panicking() {
            if let Server::Own { .. } = Server::get() {
                reaper::keep_for_a_while(&base());
                eprintln!("the database is kept for {} minutes after the run:", reaper::KEPT.as_secs() / 60);
            }
            eprintln!("  psql '{}'", self.url);
            return;
        }
        let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        Server::get().admin().batch_execute(&drop).unwrap();
    }
}

/// A server of one test, for tests of roles, settings and crashes. It is destroyed with this value.
#[derive(Debug)]
pub(crate) struct PrivateCluster {
    pub(crate) cluster: Cluster,
    pub(crate) running: Running,
    _lease: Lease,
}

/// A running server of this test alone, with TCP and without durability.
pub(crate) fn private_cluster() -> PrivateCluster {
    private_cluster_with(|_| {})
}

/// The same, after `change` had its way with the description.
pub(crate) fn private_cluster_with(change: impl FnOnce(&mut ClusterSpec)) -> PrivateCluster {
    let lease = lease();
    let mut spec = spec(&base(), &unique("private"));
    change(&mut spec);
    let cluster = Cluster::new(spec);
    let running = cluster.start(&mut |_| {}).unwrap_or_else(|e| panic!("{e}"));
    PrivateCluster { cluster, running, _lease: lease }
}

impl PrivateCluster {
    /// A new session in a database, as the superuser.
    pub(crate) fn connect(&self, database: &str) -> PgConnection {
        PgConnection::establish(&self.running.url(database)).unwrap()
    }
}

impl Drop for PrivateCluster {
    fn drop(&mut self) {
        let destroyed = self.cluster.destroy();
        if !std::thread::panicking() {
            destroyed.unwrap();
        }
    }
}

/// A name that no other test has, of this run or another.
pub(crate) fn unique(prefix: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let thread = std::thread::current();
    let test = thread.name().and_then(|name| name.rsplit("::").next()).unwrap_or_default();
    let test: String = test.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(24).collect();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{prefix}_{}_{}_{count}_{:x}", test.to_lowercase(), std::process::id(), now.subsec_nanos())
}

/// The same server, another database.
fn with_database(url: &str, database: &str) -> String {
    let (address, query) = match url.split_once('?') {
        Some((address, query)) => (address, format!("?{query}")),
        None => (url, String::new()),
    };
    let (scheme, rest) = address.split_once("://").expect("TEST_DATABASE_URL is a URL");
    let authority = rest.split('/').next().unwrap_or_default();
    format!("{scheme}://{authority}/{database}{query}")
}
