//! A shadow database on the tests' server, and files to fill it with.

use std::path::Path;

use pgkeel::engine::shadow::files::{self, SqlFile};
use pgkeel::engine::shadow::{LeftOut, Place, Server, Shadow, ShadowError};
use pgkeel::engine::{Event, Observer};
use pgkeel::pg::session::Session;
use tempfile::TempDir;

use crate::support::cluster::TestDb;
use crate::support::opening::opening;

/// Who hears nothing.
pub(super) struct Deaf;

impl Observer for Deaf {
    fn event(&mut self, _: Event) {}
}

/// Files in a folder.
pub(super) fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::with_prefix("pgkeel-schema-").unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

pub(super) fn read(path: &Path) -> Vec<SqlFile> {
    files::read(path).unwrap()
}

/// A database of the tests' server, and shadows beside it.
pub(super) struct Stage {
    pub(super) db: TestDb,
}

impl Stage {
    pub(super) fn new() -> Self {
        Self { db: TestDb::new() }
    }

    pub(super) fn shadow(&self, server: Server) -> Shadow {
        let place = Place::Beside { opening: Box::new(opening(&self.db.url)), server, like: None };
        Shadow::create(&place).unwrap()
    }

    /// Load files into a new shadow database, and ask it something.
    #[track_caller]
    pub(super) fn loads(
        &self,
        server: Server,
        files: &[(&str, &str)],
        question: &str,
    ) -> (String, Vec<LeftOut>) {
        let folder = folder(files);
        let shadow = self.shadow(server);
        let left_out = shadow.load(&read(folder.path())).unwrap();
        (ask(&mut shadow.connect().unwrap(), question), left_out)
    }

    /// What stops the loading of files, as seen from their folder.
    #[track_caller]
    pub(super) fn fails(&self, server: Server, files: &[(&str, &str)]) -> (ShadowError, String) {
        let folder = folder(files);
        let shadow = self.shadow(server);
        let error = shadow.load(&read(folder.path())).unwrap_err();
        let text = error.to_string().replace(&format!("{}/", folder.path().display()), "");
        (error, text)
    }
}

/// The answer of a question with one column, in one line.
pub(super) fn ask(session: &mut Session, question: &str) -> String {
    let rows = session.query(question).unwrap().pop().unwrap();
    let rows: Vec<_> = rows.rows.iter().map(|row| row[0].clone().unwrap_or_default()).collect();
    rows.join(" ")
}

/// Whether the server has this database.
pub(super) fn exists(db: &TestDb, name: &str) -> bool {
    let mut session = opening(&db.url).connect().unwrap();
    ask(&mut session, &format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'")) == "1"
}
