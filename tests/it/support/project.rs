//! A project of one test: a folder, a database, and the real binary with nothing else in its
//! environment. What a run printed and how it ended is one text, so that one snapshot holds all.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::cluster::{TestDb, variable};
use super::role::Role;

/// The program under test.
pub(crate) const PGKEEL: &str = env!("CARGO_BIN_EXE_pgkeel");

/// A temporary project.
#[derive(Debug)]
pub(crate) struct Project {
    dir: TempDir,
    pub(crate) db: TestDb,
    url: String,
    variables: Vec<(String, String)>,
    /// What is shown in place of what differs from run to run.
    shown: Vec<(String, String)>,
}

/// What a run did.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: i32,
    shown: String,
}

/// A temporary folder that the dev cluster's user may pass through, who is another one if we are root.
pub(crate) fn open_temp_dir() -> TempDir {
    use std::os::unix::fs::PermissionsExt;
    let dir = TempDir::with_prefix("pgkeel-project-").unwrap();
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o711)).unwrap();
    dir
}

impl Project {
    /// An empty project with an empty database, which DATABASE_URL names.
    pub(crate) fn new() -> Self {
        Self::over(TestDb::new())
    }

    /// An empty project over this database.
    pub(crate) fn over(db: TestDb) -> Self {
        let dir = TempDir::with_prefix("pgkeel-project-").unwrap();
        // When we are root, the server of a dev cluster in here is another user, who must pass through.
        std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o711)).unwrap();
        // As `pgkeel init` leaves it; without the folder nothing is a project's.
        std::fs::create_dir(dir.path().join("migrations")).unwrap();
        let port = db.tcp_address().rsplit_once(':').map_or("", |(_, port)| port);
        let shown = [(db.tcp_address(), "TCP"), (&format!("port {port}"), "port PORT")];
        let shown = shown.map(|(text, name)| (text.to_owned(), name.to_owned())).to_vec();
        Self { dir, url: db.url.clone(), db, variables: vec![], shown }
    }

    /// The same, with a pgkeel.toml, so that no folder above can be taken for the project.
    pub(crate) fn with_migrations(migrations: &[(&str, &str, &str)]) -> Self {
        let project = Self::new();
        for (name, up, down) in migrations {
            project.migration(name, up, down);
        }
        project
    }

    /// Another DATABASE_URL; an empty one: none.
    pub(crate) fn url(mut self, url: &str) -> Self {
        self.url = url.to_owned();
        self
    }

    /// One more variable.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// One more variable, of a project that others refer to.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// Another DATABASE_URL: that of a role.
    pub(crate) fn connect_as(&mut self, role: &Role) {
        self.url = role.url();
    }

    /// What DATABASE_URL says.
    pub(crate) fn url_text(&self) -> String {
        self.url.clone()
    }

    /// Another DATABASE_URL, of a project that others refer to.
    pub(crate) fn connect_to(&mut self, url: &str) {
        self.url = url.to_owned();
    }

    /// Show `text` as `name` in what a run printed.
    pub(crate) fn shows(&mut self, text: &str, name: &str) {
        self.shown.push((text.to_owned(), name.to_owned()));
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.dir.path().canonicalize().unwrap()
    }

    /// Write a file, with its folders.
    pub(crate) fn file(&self, path: &str, content: impl AsRef<[u8]>) -> &Self {
        let path = self.dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        self
    }

    /// Write a migration.
    pub(crate) fn migration(&self, name: &str, up: &str, down: &str) -> &Self {
        self.file(&format!("migrations/{name}/up.sql"), up).file(&format!("migrations/{name}/down.sql"), down)
    }

    /// Delete a file or folder.
    pub(crate) fn remove(&self, path: &str) -> &Self {
        let path = self.dir.path().join(path);
        if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) }.unwrap();
        self
    }

    /// The program with these arguments and a cleared environment, not yet started.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        #[expect(clippy::disallowed_methods, reason = "the tests run the program under test")]
        let mut command = Command::new(PGKEEL);
        command
            .args(arguments)
            .current_dir(self.dir.path())
            .stdin(Stdio::null())
            .env_clear()
            .env("PATH", variable("PATH").unwrap_or_default())
            .env("HOME", self.dir.path())
            .env("PGKEEL_STATE_DIR", self.dir.path().join("state"))
            .env("PGKEEL_NOW", "2026-01-02T03:04:05Z");
        // A server that the run chose comes with the programs that go with it.
        if let Some(folder) = variable("TEST_PG_BIN") {
            command.env("PGKEEL_PG_BIN", folder);
        }
        if !self.url.is_empty() {
            command.env("DATABASE_URL", &self.url);
        }
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Run it to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        let output = self.command(arguments).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("the output is UTF-8");
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        let code = output.status.code().expect("the program ended by itself");
        let shown = self.shown(&stdout, &stderr, code);
        Ran { stdout, stderr, code, shown }
    }

    /// What a run printed and how it ended, as `Ran::text` has it.
    pub(crate) fn shown(&self, stdout: &str, stderr: &str, code: i32) -> String {
        let mut shown = format!("exit {code}\n");
        for (name, stream) in [("stdout", stdout), ("stderr", stderr)] {
            let stream = without_other_clients(stream);
            if !stream.is_empty() {
                shown.push_str(&format!("--- {name}\n{}\n", stream.trim_end()));
            }
        }
        for (text, name) in &self.shown {
            shown = shown.replace(text, name);
        }
        steady(&shown, &self.root(), &self.db)
    }

    /// The answer of a query with one column of type bigint.
    pub(crate) fn number(&self, sql: &str) -> i64 {
        super::cluster::number(&mut self.db.connect(), &format!("SELECT ({sql})::bigint AS value"))
    }

    /// The answer of a query with one column of type text.
    pub(crate) fn words(&self, sql: &str) -> String {
        super::cluster::words(&mut self.db.connect(), &format!("SELECT ({sql})::text AS value"))
    }

    /// Run SQL beside the program.
    pub(crate) fn sql(&self, sql: &str) -> &Self {
        use diesel::connection::SimpleConnection;
        self.db.connect().batch_execute(sql).unwrap();
        self
    }
}

/// Without the warning that the server which the run chose comes with the client programs of another major.
fn without_other_clients(stream: &str) -> String {
    let is_it = |line: &&str| line.starts_with("warning: pg_dump ") && line.contains(" was not found: ");
    if variable("TEST_PG_BIN").is_none() {
        return stream.to_owned();
    }
    stream.split_inclusive('\n').filter(|line| !is_it(line)).collect()
}

impl Ran {
    /// Exit code and both streams, with what differs from run to run replaced: `DB`, `ROOT`, `HOST`,
    /// `N ms`, `TIME`, `PID`.
    pub(crate) fn text(&self) -> &str {
        &self.shown
    }

    /// Fail unless it ended with this code.
    #[track_caller]
    pub(crate) fn exits(&self, code: i32) -> &Self {
        assert_eq!(self.code, code, "{}", self.shown);
        self
    }

    /// stdout as a JSON document.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{e}: {}", self.shown))
    }
}

/// Replace what differs from run to run.
fn steady(text: &str, root: &Path, db: &TestDb) -> String {
    let socket =
        db.url.split_once("host=").map_or("", |(_, rest)| rest.split('&').next().unwrap_or_default());
    let mut text = text.replace(&root.display().to_string(), "ROOT").replace(&db.name, "DB");
    if !socket.is_empty() {
        let port =
            db.url.split_once("port=").map_or("", |(_, rest)| rest.split('&').next().unwrap_or_default());
        text = text.replace(&format!("{socket}:{port}"), "SOCKET").replace(socket, "SOCKET");
        text = text.replace(&format!("&port={port}"), "");
    }
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        out.push_str(&steady_line(line));
        out.push('\n');
    }
    out
}

/// `12 ms` → `N ms`, `7.5 MiB` → `N MiB`, `2026-01-01 12:00:00` → `TIME`, `pid 123` → `pid PID`, a backup's name →
/// `BACKUP`.
fn steady_line(line: &str) -> String {
    let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
    for at in 0..words.len() {
        let plain = |word: &str| word.trim_matches(|c: char| ",;()".contains(c)).to_owned();
        let is_number = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
        let is_decimal = |word: &str| word.parse::<f64>().is_ok();
        let next = words.get(at + 1).map(|word| plain(word)).unwrap_or_default();
        if let Some(name) = backup_in(&words[at]) {
            words[at] = words[at].replace(&name, "BACKUP");
        }
        let this = plain(&words[at]);
        if is_number(&this) && next == "ms" || is_decimal(&this) && ["KiB", "MiB"].contains(&next.as_str()) {
            words[at] = words[at].replace(&this, "N");
        } else if this == "pid" && is_number(&next) {
            words[at + 1] = words[at + 1].replace(&next, "PID");
        } else if this.len() == 10
            && this.starts_with("20")
            && this.matches('-').count() == 2
            && next.matches(':').count() == 2
        {
            words[at] = words[at].replace(&this, "TIME");
            words[at + 1] = words[at + 1].replace(&next, "");
        }
    }
    let line = words.join(" ").trim_end().to_owned();
    let in_a_table = ["+  ", ".  ", "x  ", "   migration  "].iter().any(|start| line.starts_with(start));
    if in_a_table { narrow(&line) } else { line }
}

/// The name of a backup in a word: `20261120T064643Z-manual-none-a1b2c3`.
fn backup_in(word: &str) -> Option<String> {
    let (before, _) = word.split_once("Z-")?;
    let start = before.len().checked_sub(15)?;
    let is_time = |(at, c): (usize, char)| if at == 8 { c == 'T' } else { c.is_ascii_digit() };
    let name = word.get(start..)?;
    let name: String =
        name.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect();
    let is_random = name.rsplit('-').next().is_some_and(|end| end.len() == 6);
    (is_random && name.char_indices().take(15).all(is_time)).then_some(name)
}

/// A row of a table with two blanks between its cells: how wide a column is hangs on milliseconds.
fn narrow(row: &str) -> String {
    let (indent, cells) = row.split_at(row.len() - row.trim_start().len());
    let cells: Vec<_> = cells.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
    format!("{indent}{}", cells.join("  "))
}
