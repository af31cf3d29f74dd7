//! What every command is given: configuration, terminal, Ctrl-C, and the way to its database. The
//! engine never sees it.

use std::cell::Cell;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::config::{Color, CommandLine, Config, ConfigError, GlobalArgs, Origin, Sourced, Target};
use crate::pg::cluster::{
    Cluster, ClusterEvent, ClusterSpec, Durability, Listen, Running, cluster_id, database_name,
    default_state_dir,
};
use crate::pg::connect::ConnectOptions;
use crate::pg::interrupt::Interrupt;
use crate::pg::tools::{Child, Search};
use crate::pg::url::DatabaseUrl;
use crate::pg::versions;
use crate::ui::{Colour, Manner, Ui};

/// Everything around a command.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) config: Config,
    pub(crate) ui: Ui,
    pub(crate) interrupt: Interrupt,
    /// Whether this run has warned of a server that is newer than the tested ones.
    warned: Cell<bool>,
}

/// Whether a command may fall back to the project's own dev cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fallback {
    /// The developer's commands.
    DevCluster,
    /// `deploy`, `rollback` and their like: only with `--dev`.
    Nothing,
}

/// The database of this run.
#[derive(Debug, Clone)]
pub(crate) struct Where {
    /// The application's way to it.
    pub(crate) url: DatabaseUrl,
    /// The way for DDL and locks, around a pooler.
    pub(crate) direct: DatabaseUrl,
    /// Why this one: who named the direct way.
    pub(crate) origin: String,
    /// Whether it is the project's own dev cluster.
    pub(crate) dev: bool,
}

impl Context {
    /// Read the configuration and listen to Ctrl-C. Where the configuration cannot be read, the
    /// terminal to say so on comes with the error.
    pub(crate) fn of_process(args: &GlobalArgs) -> Result<Self, Box<(Ui, ConfigError)>> {
        let interrupt = Interrupt::default();
        let (raised, asked) = (interrupt.clone(), interrupt.clone());
        listen(raised);
        let config = Config::of_process(args);
        let ui = Ui::new(manner(args, config.as_ref().ok()), move || asked.is_raised());
        match config {
            Ok(config) => Ok(Self { config, ui, interrupt, warned: Cell::new(false) }),
            Err(error) => Err(Box::new((ui, error))),
        }
    }

    /// Choose the database; starts the dev cluster where that is the choice.
    pub(crate) fn database(&self, fallback: Fallback) -> Result<Where> {
        self.database_of(&self.config, fallback)
    }

    /// The same by another environment's configuration.
    pub(crate) fn database_of(&self, config: &Config, fallback: Fallback) -> Result<Where> {
        let chosen = match fallback {
            Fallback::DevCluster => config.database.as_ref(),
            Fallback::Nothing => config.configured_database(),
        };
        let Some(Sourced { value, origin }) = chosen else {
            let ci = self.config.surroundings.ci && fallback == Fallback::DevCluster;
            let unused = config.unused.as_ref().map_or_else(String::new, |unused| format!(" ({unused})"));
            return Err(ConfigError::NoDatabase { ci, unused }.into());
        };
        let (url, dev) = match value {
            Target::Url(url) => (url.clone(), false),
            Target::Command(line) => (self.url_by_command(line, origin)?, false),
            Target::DevCluster => (self.dev_database()?.0, true),
        };
        let (direct, origin) = match &config.direct {
            Some(direct) if !dev => (direct.value.clone(), &direct.origin),
            _ => (url.clone(), origin),
        };
        let mut origin = match origin {
            Origin::DevCluster => "nothing else is configured".to_owned(),
            other => other.to_string(),
        };
        if !direct.completed_by().is_empty() {
            origin.push_str(&format!(", completed by {}", direct.completed_by().join(", ")));
        }
        if let Some(unused) = &config.unused {
            origin.push_str(&format!("; {unused}"));
        }
        Ok(Where { url, direct, origin, dev })
    }

    /// Warn, once in a run, of a server that is newer than those that pgkeel is tested with.
    pub(crate) fn tested(&self, major: u32) {
        if let Some(warning) = versions::untested(major).filter(|_| !self.warned.replace(true)) {
            self.ui.warn(&warning);
        }
    }

    /// Say which database, why, and as whom; never the password. `server_version` is as PQserverVersion.
    pub(crate) fn announce(&self, place: &Where, database: &str, role: &str, server_version: i32) {
        let server = match place.direct.endpoints().first().map(|e| (e.host.clone(), e.port)) {
            Some((Some(host), Some(port))) => format!(" on {host}:{port}"),
            Some((Some(host), None)) => format!(" on {host}"),
            Some((None, Some(port))) => format!(" on port {port}"),
            Some((None, None)) | None => String::new(),
        };
        let what = if place.dev { " of the dev cluster".to_owned() } else { server };
        self.ui.note(&format!("database `{database}`{what} as `{role}` ({})", place.origin));
        self.tested(versions::major(server_version));
    }

    /// How to connect.
    pub(crate) fn connect_options(&self, command: &str) -> ConnectOptions {
        ConnectOptions {
            application_name: format!("pgkeel {command}"),
            wait: self.config.deploy.wait.as_ref().map_or(std::time::Duration::ZERO, |wait| wait.value),
            ..ConnectOptions::default()
        }
    }

    fn url_by_command(&self, line: &CommandLine, origin: &Origin) -> Result<DatabaseUrl> {
        let failed = |why: String| ConfigError::UrlCommand { origin: Box::new(origin.clone()), why };
        let output = Child { argv: &argv(line), directory: &self.config.root, variables: &[] }
            .output()
            .map_err(|error| failed(format!("it cannot be started: {error}")))?;
        if !output.status.success() {
            return Err(failed(format!("it ended with {}", output.status)).into());
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let url = DatabaseUrl::parse(text.trim())
            .map_err(|error| failed(format!("what it printed is no database URL: {error}")))?;
        Ok(self.config.complete(url)?)
    }

    /// The description of the project's own dev cluster.
    pub(crate) fn cluster(&self, listen: Listen) -> Result<Cluster> {
        let around = &self.config.surroundings;
        let state_dir = match &around.state_dir {
            Some(dir) => dir.clone(),
            None => default_state_dir(around.xdg_state_home.as_deref(), around.home.as_deref())
                .ok_or(ConfigError::NoStateDir)?,
        };
        Ok(Cluster::new(ClusterSpec {
            state_dir,
            id: cluster_id(&self.project()?),
            socket_base: around.xdg_runtime_dir.clone(),
            search: Search { pg_bin: around.pg_bin.clone(), path: around.path.clone() },
            durability: Durability::Persistent,
            listen,
            settings: Vec::new(),
        }))
    }

    /// The project's folder, whatever links led here.
    pub(crate) fn project(&self) -> Result<PathBuf> {
        let root = &self.config.root;
        root.canonicalize().with_context(|| format!("cannot find the project's folder `{}`", root.display()))
    }

    /// Start the dev cluster unless it runs.
    pub(crate) fn start_cluster(&self, listen: Listen) -> Result<Running> {
        let mut progress = None;
        let running = self.cluster(listen)?.start(&mut |event| {
            progress = Some(match event {
                ClusterEvent::Initialising { version } => {
                    self.ui.progress(&format!("preparing PostgreSQL {version}, once per version"))
                }
                ClusterEvent::Starting { .. } => self.ui.progress("starting the dev cluster"),
            });
        })?;
        drop(progress);
        if let Some(upgraded) = &running.upgraded {
            self.ui.warn(&upgraded.to_string());
        }
        self.tested(running.major());
        Ok(running)
    }

    /// The project's database on its own dev cluster, and the cluster's version; starts it unless it runs.
    pub(crate) fn dev_database(&self) -> Result<(DatabaseUrl, String)> {
        let running = self.start_cluster(Listen::Socket)?;
        let name = database_name(&self.project()?);
        running.create_database_if_missing(&name)?;
        Ok((DatabaseUrl::parse(&running.url(&name))?, running.version().to_owned()))
    }
}

/// The terminal alone, for what needs no configuration.
pub(crate) fn terminal(args: &GlobalArgs) -> Ui {
    Ui::new(manner(args, None), || false)
}

/// SIGINT and SIGTERM ask whoever waits to stop. SIGHUP is left alone: under nohup it is ignored, and
/// without a terminal there is nobody to tell.
fn listen(raised: Interrupt) {
    // Without a handler the signals still end the program, only less politely.
    if let Ok(mut signals) = Signals::new([SIGINT, SIGTERM]) {
        std::thread::spawn(move || {
            for _ in signals.forever() {
                raised.raise();
            }
        });
    }
}

fn manner(global: &GlobalArgs, config: Option<&Config>) -> Manner {
    let around = config.map(|config| &config.surroundings);
    Manner {
        json: global.json,
        quiet: global.quiet,
        verbose: global.verbose,
        colour: match around.map_or(global.color.unwrap_or_default(), |around| around.color.value) {
            Color::Auto => Colour::Auto,
            Color::Always => Colour::Always,
            Color::Never => Colour::Never,
        },
        driven: around.is_some_and(|around| around.driven_by.is_some()),
        github: around.is_some_and(|around| around.github_actions),
        columns: around.and_then(|around| around.columns),
    }
}

/// Program and arguments of a configured command.
pub(crate) fn argv(line: &CommandLine) -> Vec<String> {
    match line {
        CommandLine::Shell(line) => vec!["sh".into(), "-c".into(), line.clone()],
        CommandLine::Program(words) => words.clone(),
    }
}
