//! Squashing on the disk: which statements of the old migrations a catalog cannot hold, and how the squashed migration comes
//! into the folder and the old ones leave it. At every moment the folder can be read: before the squashed one has its name, the
//! old ones stand; from then on what has not moved yet is read as if it had (`Folder::unmoved`).

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::pg::statements::{Statement, tokens};

use super::body::BodyError;
use super::folder::{Folder, OnDisk};
use super::own_toml;
use super::replaced::{Item, KEPT};
use super::write::{New, Written, named, of_version};

/// Where in a squashed migration a statement goes that no catalog shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Belongs {
    /// Roles, which what follows may be granted to: first.
    First,
    /// What changes rows, or may: last.
    Rows,
    /// What is granted on or said of the database itself and other things that no schema holds: last.
    Shared,
}

/// A statement that no catalog shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Data {
    /// The file.
    pub path: PathBuf,
    /// From 1.
    pub line: u32,
    /// The command.
    pub verb: String,
    /// Its text, without the semicolon.
    pub sql: String,
    /// Where it goes.
    pub belongs: Belongs,
    /// The settings in force for it that its file has made: statements, and the settings' names.
    pub sets: Vec<(String, String)>,
}

/// The statements of a migration that no catalog shows.
///
/// # Errors
/// Where the file cannot be read or split.
pub fn data(migration: &OnDisk) -> Result<Vec<Data>, BodyError> {
    let mut sets: Vec<(String, String)> = Vec::new();
    let mut found = Vec::new();
    for streamed in migration.up.body.statements()? {
        let streamed = streamed?;
        let (statement, body) = (&streamed.statement, streamed.body());
        if let Some(name) = &statement.facts.sets {
            sets.push((body.to_owned(), name.clone()));
        } else if let Some(belongs) = belongs(statement, body) {
            found.push(Data {
                path: migration.up.path.clone(),
                line: statement.line,
                verb: statement.facts.verb.clone(),
                sql: body.to_owned(),
                belongs,
                sets: sets.clone(),
            });
        }
    }
    Ok(found)
}

/// Objects that all databases of a server share, or the database itself.
const SHARED: [&str; 4] = ["DATABASE", "TABLESPACE", "ROLE", "PARAMETER"];

/// `SELECT 1` stands for nothing to do; `set_config` is a setting.
fn belongs(statement: &Statement, body: &str) -> Option<Belongs> {
    let verb = statement.facts.verb.as_str();
    let words = || tokens(body);
    let is = |token: &str, word: &str| token.eq_ignore_ascii_case(word);
    let on = |words: &[&str]| {
        let at = words.iter().position(|token| is(token, "ON"))?;
        Some(words.get(at + 1).is_some_and(|token| SHARED.iter().any(|word| is(token, word))))
    };
    match verb.split(' ').next().unwrap_or_default() {
        "DO" if makes_role(body) => Some(Belongs::First),
        "INSERT" | "UPDATE" | "DELETE" | "MERGE" | "COPY" | "TRUNCATE" | "DO" | "CALL" | "EXECUTE" => {
            Some(Belongs::Rows)
        }
        "REFRESH" => Some(Belongs::Rows),
        "ALTER" if words().iter().any(|word| is(word, "RESTART")) => Some(Belongs::Rows),
        "SELECT" | "VALUES" | "WITH" => {
            let words = words();
            let calls = words.contains(&"(") && !words.iter().any(|word| is(word, "set_config"));
            calls.then_some(Belongs::Rows)
        }
        "GRANT" | "REVOKE" => match on(&words()) {
            None => Some(Belongs::First),
            Some(shared) => shared.then_some(Belongs::Shared),
        },
        "COMMENT" => on(&words()).filter(|shared| *shared).map(|_| Belongs::Shared),
        "CREATE" | "ALTER" | "DROP" => ["ROLE", "USER", "GROUP"]
            .iter()
            .any(|what| verb.split(' ').nth(1) == Some(what))
            .then_some(Belongs::First),
        _ => None,
    }
}

/// Whether a DO block speaks of making a role.
fn makes_role(body: &str) -> bool {
    let words: Vec<String> = body.split_whitespace().map(str::to_ascii_uppercase).collect();
    words
        .windows(2)
        .any(|two| two[0].ends_with("CREATE") && matches!(two[1].as_str(), "ROLE" | "USER" | "GROUP"))
}

/// Such statements as a part of an up.sql, under a heading: verbatim, in their order, each file's with its settings around it.
pub fn carried(heading: &str, all: &[&Data]) -> String {
    let mut text = String::new();
    if all.is_empty() {
        return text;
    }
    text.push_str(&format!("-- {heading}\n"));
    for file in all.chunk_by(|one, other| one.path == other.path) {
        let name = file[0].path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
        text.push_str(&format!("\n-- From {name}:\n"));
        let mut made = 0;
        for data in file {
            for (set, _) in &data.sets[made..] {
                text.push_str(&format!("{set};\n"));
            }
            made = data.sets.len();
            text.push_str(&format!("{};\n", data.sql));
        }
        let sets = &file[file.len() - 1].sets;
        let mut names: Vec<&str> = sets.iter().map(|(_, name)| name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            text.push_str(&format!("{};\n", reset(name)));
        }
    }
    text
}

/// What takes a setting back.
pub fn reset(name: &str) -> String {
    match name {
        // There is nothing to take back of these.
        "all" | "transaction" => "SELECT 1".to_owned(),
        "session_authorization" => "RESET SESSION AUTHORIZATION".to_owned(),
        name => format!("RESET {name}"),
    }
}

/// A squashed migration that is to be written.
#[derive(Debug, Clone)]
pub struct Squashed {
    /// Its version: that of the last one that it replaces.
    pub version: String,
    /// Its files.
    pub new: New,
}

impl Squashed {
    /// Name it, with what it replaces in its pgkeel.toml.
    pub fn of(old: &[&OnDisk], slug: String, up: String, down: String, transactional: bool) -> Self {
        let item = |one: &&OnDisk| match &one.replaces {
            None => Item::One(one.version.clone()),
            Some(replaces) => Item::Squashed(replaces.items.clone()),
        };
        let items: Vec<Item> = old.iter().map(item).collect();
        let more = vec![(own_toml::FILE, own_toml::text(&items))];
        let version = items.last().map_or_else(String::new, |item| item.version().to_owned());
        Self { version, new: New { slug, up, down: Some(down), transactional, more } }
    }

    /// Its folder's name.
    pub fn name(&self) -> String {
        format!("{}_{}", self.version, self.new.slug)
    }

    /// Write it somewhere else, to be looked at.
    ///
    /// # Errors
    /// What the file system says, with the path in the text.
    pub fn aside(&self, dir: &Path) -> io::Result<Written> {
        of_version(dir, self.version.clone(), &self.new)
    }

    /// Write it into the migrations folder, and move the old ones into `.replaced` beside it.
    ///
    /// # Errors
    /// What the file system says, with the path in the text. What was moved by then has moved: `finish` moves the rest.
    pub fn write(&self, dir: &Path, old: &[&OnDisk]) -> io::Result<Written> {
        let kept = dir.join(KEPT).join(self.name());
        // An empty one is left of a run that was killed before it wrote anything.
        if fs::read_dir(&kept).is_ok_and(|mut entries| entries.next().is_some()) {
            let what = format!("`{}` is there already", kept.display());
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, what));
        }
        named(fs::create_dir_all(&kept), "create", &kept)?;
        let written = match of_version(dir, self.version.clone(), &self.new) {
            Ok(written) => written,
            Err(error) => {
                drop(fs::remove_dir(&kept));
                return Err(error);
            }
        };
        for one in old {
            put_away(dir, &one.path, &kept)?;
        }
        Ok(written)
    }
}

/// Move what a stopped squash has left. Returns how many folders.
///
/// # Errors
/// What the file system says, with the path in the text.
pub fn finish(folder: &Folder) -> io::Result<usize> {
    for one in &folder.unmoved {
        let kept = folder.path.join(KEPT).join(&one.squashed);
        named(fs::create_dir_all(&kept), "create", &kept)?;
        put_away(&folder.path, &one.path, &kept)?;
    }
    Ok(folder.unmoved.len())
}

/// Move a migration, with what it has replaced itself.
fn put_away(dir: &Path, path: &Path, kept: &Path) -> io::Result<()> {
    let Some(name) = path.file_name() else { return Ok(()) };
    let inner = dir.join(KEPT).join(name);
    if inner.is_dir() {
        let place = kept.join(KEPT);
        named(fs::create_dir_all(&place), "create", &place)?;
        named(fs::rename(&inner, place.join(name)), "move", &inner)?;
    }
    named(fs::rename(path, kept.join(name)), "move", path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn migration(dir: &Path, name: &str, up: &str) {
        fs::create_dir_all(dir.join(name)).unwrap();
        fs::write(dir.join(name).join("up.sql"), up).unwrap();
        fs::write(dir.join(name).join("down.sql"), "SELECT 1;").unwrap();
    }

    fn squash(dir: &Path, through: usize, slug: &str) -> Squashed {
        let folder = Folder::read(dir).unwrap();
        let old: Vec<&OnDisk> = folder.migrations[..through].iter().collect();
        let squashed = Squashed::of(&old, slug.into(), "SELECT 2;\n".into(), "SELECT 3;\n".into(), true);
        squashed.write(dir, &old).unwrap();
        squashed
    }

    #[test]
    fn what_no_catalog_shows_is_found() {
        let dir = tempfile::tempdir().unwrap();
        let check = |sql: &str, expected: &[&str]| {
            migration(dir.path(), "1_a", sql);
            let folder = Folder::read(dir.path()).unwrap();
            let found = data(&folder.migrations[0]).unwrap();
            let found: Vec<String> = found.iter().map(|one| format!("{} {}", one.line, one.verb)).collect();
            assert_eq!(found, expected, "{sql}");
        };
        check("CREATE TABLE a (id int);\nINSERT INTO a VALUES (1);", &["2 INSERT"]);
        check("SELECT 1; SELECT pg_catalog.set_config('search_path', '', false);", &[]);
        check("SELECT setval('s', 4);", &["1 SELECT"]);
        check("DO $$ BEGIN END $$; CALL p();", &["1 DO", "1 CALL"]);
        check("CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'DELETE FROM a';", &[]);
        check("WITH x AS (SELECT 1) INSERT INTO a SELECT * FROM x;", &["1 INSERT"]);
        check("GRANT SELECT ON a TO b; COMMENT ON TABLE a IS 'x'; ALTER TABLE a ADD b int; VACUUM a;", &[]);
        check("GRANT a TO b; GRANT CONNECT ON DATABASE d TO b;", &["1 GRANT", "1 GRANT"]);
        check("CREATE USER b; ALTER ROLE b LOGIN;", &["1 CREATE USER", "1 ALTER ROLE"]);
        check("UPDATE a SET id = 2; DELETE FROM a; TRUNCATE a;", &["1 UPDATE", "1 DELETE", "1 TRUNCATE"]);
    }

    #[test]
    fn roles_come_first() {
        let of = |sql: &str| {
            let dir = tempfile::tempdir().unwrap();
            migration(dir.path(), "1_a", sql);
            data(&Folder::read(dir.path()).unwrap().migrations[0]).unwrap()[0].belongs
        };
        assert_eq!(of("DO $$\nBEGIN\n  CREATE ROLE r NOLOGIN;\nEND $$;"), Belongs::First);
        assert_eq!(of("CREATE ROLE r;"), Belongs::First);
        assert_eq!(of("DO $$ BEGIN INSERT INTO a VALUES (1); END $$;"), Belongs::Rows);
        assert_eq!(of("COMMENT ON DATABASE d IS 'x';"), Belongs::Shared);
    }

    #[test]
    fn what_is_carried_has_its_settings_and_leaves_none() {
        let dir = tempfile::tempdir().unwrap();
        migration(
            dir.path(),
            "1_a",
            "SET search_path = app;\nCREATE TABLE a (id int);\nINSERT INTO a VALUES (1);\nINSERT INTO a VALUES (2);",
        );
        migration(dir.path(), "2_b", "UPDATE app.a SET id = 3;");
        let folder = Folder::read(dir.path()).unwrap();
        let all: Vec<Data> = folder.migrations.iter().flat_map(|one| data(one).unwrap()).collect();
        let text = carried("Rows.", &all.iter().collect::<Vec<_>>());
        let (_, text) = text.split_once("\n\n").unwrap();
        assert_eq!(
            text,
            "-- From 1_a:\nSET search_path = app;\nINSERT INTO a VALUES (1);\nINSERT INTO a VALUES (2);\nRESET search_path;\n\
             \n-- From 2_b:\nUPDATE app.a SET id = 3;\n"
        );
    }

    #[test]
    fn old_ones_move_aside_and_squashes_of_squashes_keep_theirs() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["1_a", "2_b", "3_c", "4_d"] {
            migration(dir.path(), name, "SELECT 1;");
        }
        squash(dir.path(), 2, "first");
        let folder = Folder::read(dir.path()).unwrap();
        assert_eq!(folder.findings, []);
        let names =
            |folder: &Folder| folder.migrations.iter().map(|one| one.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&folder), ["2_first", "3_c", "4_d"]);
        squash(dir.path(), 2, "second");
        let folder = Folder::read(dir.path()).unwrap();
        assert_eq!(folder.findings, []);
        assert_eq!(names(&folder), ["3_second", "4_d"]);
        let second = folder.migrations[0].replaces.as_ref().unwrap();
        let first = second.kept[0].replaces.as_ref().unwrap();
        assert_eq!((second.versions(), first.versions()), (vec!["1", "2", "3"], vec!["1", "2"]));
        assert_eq!((second.kept.len(), first.kept.len()), (2, 2));
    }

    #[test]
    fn nothing_is_overwritten_and_what_a_killed_run_has_left_is_in_nobodys_way() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["1_a", "2_b"] {
            migration(dir.path(), name, "SELECT 1;");
        }
        let folder = Folder::read(dir.path()).unwrap();
        let old: Vec<&OnDisk> = folder.migrations.iter().collect();
        let one = Squashed::of(&old, "c".into(), "SELECT 2;\n".into(), "SELECT 3;\n".into(), true);
        fs::create_dir_all(dir.path().join(".replaced/2_c/1_a")).unwrap();
        one.write(dir.path(), &old).unwrap_err();
        assert_eq!(Folder::read(dir.path()).unwrap(), folder);
        fs::remove_dir(dir.path().join(".replaced/2_c/1_a")).unwrap();
        one.write(dir.path(), &old).unwrap();
        assert_eq!(Folder::read(dir.path()).unwrap().migrations.len(), 1);
    }

    #[test]
    fn a_squash_that_was_stopped_reads_like_one_that_was_not_and_is_finished() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["1_a", "2_b", "3_c"] {
            migration(dir.path(), name, "SELECT 1;");
        }
        squash(dir.path(), 2, "squashed");
        let whole = Folder::read(dir.path()).unwrap();
        fs::rename(dir.path().join(".replaced/2_squashed/2_b"), dir.path().join("2_b")).unwrap();
        let half = Folder::read(dir.path()).unwrap();
        let versions = |folder: &Folder| {
            let one = &folder.migrations[0];
            let kept = &one.replaces.as_ref().unwrap().kept;
            (
                one.name.clone(),
                kept.iter().map(|one| one.version.clone()).collect::<Vec<_>>(),
                folder.migrations.len(),
            )
        };
        assert_eq!(versions(&half), versions(&whole));
        assert_eq!((half.unmoved.len(), half.findings.len()), (1, 1));
        assert_eq!(finish(&half).unwrap(), 1);
        assert_eq!(finish(&Folder::read(dir.path()).unwrap()).unwrap(), 0);
        assert_eq!(Folder::read(dir.path()).unwrap(), whole);
    }
}
