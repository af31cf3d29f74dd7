//! The server of a run: a durable cluster (fsync on) that exists while the bench does. Its databases are copies of
//! templates, so that preparing them is not measured.

use std::fs::{self, File, TryLockError};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result, bail};
use pgkeel::pg::cluster::{Cluster, ClusterSpec, Durability, Listen, Running, SUPERUSER, cluster_id};
use pgkeel::pg::connect::ConnectOptions;
use pgkeel::pg::interrupt::Interrupt;
use pgkeel::pg::session::Session;
use pgkeel::pg::tools::Search;
use pgkeel::pg::url::DatabaseUrl;

/// What the cluster does not have by itself. Checkpoints come when we ask for them, autovacuum never.
pub(crate) const SETTINGS: [(&str, &str); 4] = [
    ("shared_buffers", "128MB"),
    ("checkpoint_timeout", "1h"),
    ("max_wal_size", "4GB"),
    ("autovacuum", "off"),
];

/// How a tool reaches the server.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Via {
    /// The unix socket: no password, no TLS probe.
    Socket,
    /// The loopback address with SCRAM, or a relay's port in front of it.
    Tcp(u16),
}

/// The folder of a run and all that is in it.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    folder: PathBuf,
    /// In the checkout, so that nothing stays elsewhere.
    lock: PathBuf,
    cluster: Cluster,
}

impl Place {
    /// The place of this checkout, on a disk: /tmp is memory on some systems, and then fsync costs nothing.
    pub(crate) fn of(checkout: &Path) -> Place {
        let base = std::env::var_os("PGKEEL_BENCH_DIR").unwrap_or_else(|| "/var/tmp".into());
        let name = format!("pgkeel-bench-{}-{}", nix::unistd::geteuid(), cluster_id(checkout));
        let folder = PathBuf::from(base).join(name);
        let search = Search {
            pg_bin: std::env::var_os("PGKEEL_PG_BIN").map(PathBuf::from),
            path: std::env::var_os("PATH"),
        };
        let cluster = Cluster::new(ClusterSpec {
            state_dir: folder.join("state"),
            id: "bench".to_owned(),
            socket_base: None,
            search,
            durability: Durability::Persistent,
            listen: Listen::Tcp,
            settings: SETTINGS.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
        });
        Place { folder, lock: checkout.join("target/bench.lock"), cluster }
    }

    /// Takes the place for this process, and clears away what a killed one left.
    pub(crate) fn take(&self) -> Result<File> {
        let file = File::options().create(true).append(true).open(&self.lock);
        let file = file.with_context(|| format!("cannot open `{}`", self.lock.display()))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => bail!("another bench of this checkout runs"),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        self.clear()?;
        fs::create_dir(&self.folder).with_context(|| format!("cannot create `{}`", self.folder.display()))?;
        // The server is another user if we are root.
        fs::set_permissions(&self.folder, fs::Permissions::from_mode(0o711))?;
        Ok(file)
    }

    /// Stops the server and removes everything.
    pub(crate) fn clear(&self) -> Result<()> {
        self.cluster.destroy()?;
        match fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// An empty folder for files.
    pub(crate) fn files(&self, name: &str) -> Result<PathBuf> {
        let folder = self.folder.join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    pub(crate) fn start(&self) -> Result<Server> {
        Ok(Server { running: self.cluster.start(&mut |_| {})? })
    }
}

/// The running server.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) running: Running,
}

impl Server {
    pub(crate) fn tcp(&self) -> Via {
        Via::Tcp(self.running.port())
    }

    /// The URL of a database, in a form that libpq, sqlx and dbmate read alike.
    pub(crate) fn url(&self, via: Via, database: &str) -> Result<String> {
        Ok(match via {
            Via::Socket => format!(
                "postgresql:///{database}?host={}&port={}&user={SUPERUSER}",
                self.running.socket_dir().display(),
                self.running.port()
            ),
            Via::Tcp(port) => {
                let direct = self.running.tcp_url(database).context("the server has no TCP")?;
                direct.replace(&format!(":{}/", self.running.port()), &format!(":{port}/"))
            }
        })
    }

    pub(crate) fn session(&self, database: &str) -> Result<Session> {
        session(&self.url(Via::Socket, database)?)
    }

    /// Runs statements for the preparation.
    pub(crate) fn run(&self, database: &str, sql: &str) -> Result<()> {
        self.session(database)?.query(sql)?;
        Ok(())
    }

    /// How many tables match.
    pub(crate) fn tables(&self, database: &str, like: &str) -> Result<usize> {
        let count = format!("SELECT count(*) FROM pg_tables WHERE tablename LIKE '{like}'");
        Ok(self.session(database)?.query_value(&count)?.unwrap_or_default().parse()?)
    }

    /// A new database; it goes with the cluster.
    pub(crate) fn template(&self, name: &str) -> Result<()> {
        self.run("postgres", &format!("CREATE DATABASE {name} TEMPLATE template0"))
    }

    /// A copy of `template`, warm: its caches are filled, and no checkpoint is due.
    pub(crate) fn copy(&self, template: &str) -> Result<Database<'_>> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("run_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        self.run("postgres", &format!("CREATE DATABASE {name} TEMPLATE {template}"))?;
        let database = Database { server: self, name };
        self.run(
            &database.name,
            "SELECT count(*) FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid",
        )?;
        self.run("postgres", "CHECKPOINT")?;
        Ok(database)
    }
}

/// A session to any URL.
pub(crate) fn session(url: &str) -> Result<Session> {
    let options = ConnectOptions { application_name: "pgkeel-bench".to_owned(), ..ConnectOptions::default() };
    Ok(Session::connect(&DatabaseUrl::parse(url)?, &options, &Interrupt::default())?)
}

/// A database of one run, dropped with this value.
#[derive(Debug)]
pub(crate) struct Database<'a> {
    server: &'a Server,
    pub(crate) name: String,
}

impl Drop for Database<'_> {
    fn drop(&mut self) {
        // It goes with the cluster anyway.
        self.server.run("postgres", &format!("DROP DATABASE {} WITH (FORCE)", self.name)).ok();
    }
}
