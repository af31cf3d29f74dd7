//! What tests of restores share: a project whose leftovers go, and stock pg_dump beside the program.

use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::process::{Command, Stdio};

use pgkeel::pg::tools::{Tools, Wanted};
use pgkeel::pg::url::DatabaseUrl;

use super::attver;
use super::cluster::search;
use super::project::Project;

/// A table, a view, a matview and more of each kind, with rows.
pub(crate) const EVERYTHING: &str = include_str!("../../cases/restore/everything.sql");

/// A project whose databases beside its own are dropped with it.
#[derive(Debug)]
pub(crate) struct Place(pub(crate) Project);

impl Place {
    pub(crate) fn new() -> Self {
        Self(Project::new())
    }

    /// The same with a little shop in it, and our tables.
    pub(crate) fn shop() -> Self {
        let place = Self::new();
        place.file("pgkeel.toml", "");
        place.migration(
            "20250101000000_shop",
            "CREATE TABLE customers (id serial PRIMARY KEY, name text); \
             INSERT INTO customers (name) SELECT 'n' || n FROM generate_series(1, 100) n;",
            "DROP TABLE customers;",
        );
        place.run(&["deploy"]).exits(0);
        place
    }

    /// The names of the databases beside its own that begin with it.
    pub(crate) fn beside(&self) -> Vec<String> {
        let names = self.words(&format!(
            "SELECT coalesce(string_agg(datname, ' ' ORDER BY datname), '') FROM pg_database \
             WHERE starts_with(datname, '{0}_') \
               OR strpos(shobj_description(oid, 'pg_database'), '\"of\":\"{0}\"') > 0",
            self.db.name
        ));
        names.split_whitespace().map(str::to_owned).collect()
    }

    /// All objects and rows of one of its databases, as pg_dump has them.
    pub(crate) fn contents(&self, database: &str) -> String {
        dump_of(&DatabaseUrl::parse(&self.db.url).unwrap().with_database(database), &[])
    }

    /// Dump its database to a file or folder of the project.
    pub(crate) fn dump(&self, form: &str, file: &str) {
        self.dump_with(&[form], file);
    }

    /// The same with more arguments of pg_dump.
    pub(crate) fn dump_with(&self, arguments: &[&str], file: &str) {
        let path = self.root().join(file);
        let url = DatabaseUrl::parse(&self.db.url).unwrap();
        dumped(&url, &[arguments, &["-f", path.to_str().unwrap()]].concat());
    }

    /// The folders of the backups below `root`.
    pub(crate) fn backups(&self, root: &str) -> Vec<std::path::PathBuf> {
        let databases = files(&self.root().join(root));
        let all = databases.iter().filter(|path| path.is_dir()).flat_map(|path| files(path));
        all.filter(|path| path.join("manifest.json").is_file()).collect()
    }

    /// A query in another database.
    pub(crate) fn number_in(&self, database: &str, sql: &str) -> i64 {
        use diesel::Connection;
        let url = DatabaseUrl::parse(&self.db.url).unwrap().with_database(database);
        let mut connection = diesel::PgConnection::establish(url.conninfo().expose()).unwrap();
        super::cluster::number(&mut connection, &format!("SELECT ({sql})::bigint AS value"))
    }

    /// The URL of another database of the server, as its superuser.
    pub(crate) fn url_of(&self, database: &str) -> String {
        DatabaseUrl::parse(&self.db.url).unwrap().with_database(database).uri().expose().to_owned()
    }
}

impl Deref for Place {
    type Target = Project;

    fn deref(&self) -> &Project {
        &self.0
    }
}

impl DerefMut for Place {
    fn deref_mut(&mut self) -> &mut Project {
        &mut self.0
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        for name in self.beside() {
            self.sql(&format!("DROP DATABASE \"{name}\" WITH (FORCE)"));
        }
    }
}

/// All objects and rows of this database, as pg_dump has them, but for what differs from run to run.
pub(crate) fn dump_of(url: &DatabaseUrl, arguments: &[&str]) -> String {
    let text = attver::left_out(&String::from_utf8_lossy(&dumped(url, arguments)));
    let differs = |line: &&str| {
        ["\\restrict ", "\\unrestrict ", "-- Dumped "].iter().any(|start| line.starts_with(start))
    };
    text.lines().filter(|line| !differs(line)).collect::<Vec<_>>().join("\n")
}

fn dumped(url: &DatabaseUrl, arguments: &[&str]) -> Vec<u8> {
    let mut pg_dump: Command = Tools::find(&search(), "pg_dump", Wanted::Any).unwrap().command();
    // As a connection string: a name may hold anything.
    pg_dump.arg("-d").arg(url.conninfo().expose());
    let output = pg_dump.args(arguments).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// The files of a folder, sorted.
pub(crate) fn files(dir: &Path) -> Vec<std::path::PathBuf> {
    let mut all: Vec<_> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
}

/// A key file in the project, and its public half.
pub(crate) fn key(place: &Place) -> String {
    use age::secrecy::ExposeSecret;
    let key = age::x25519::Identity::generate();
    place.file("key.txt", format!("{}\n", key.to_string().expose_secret()));
    key.to_public().to_string()
}
