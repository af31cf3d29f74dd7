//! What was read of a shadow database, kept so that a second look costs nothing: bytes under the hash of everything that they
//! hang on. An entry that is damaged is none. Any number of runs share the folder.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sha2::{Digest, Sha256};

use super::files::SqlFile;
use crate::pg::error::PgError;
use crate::pg::plain;
use crate::pg::session::Session;

/// How many entries are kept.
const MOST: usize = 64;

/// What an entry begins with; another layout is another word.
const MAGIC: &[u8] = b"pgkeel-catalog-1\n";

/// What an entry's file is called after its key.
const SUFFIX: &str = "catalog";

/// The hash of everything that a catalog hangs on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key(String);

/// Builds a key, part by part: each counts with its length, so that none runs into the next.
#[derive(Debug, Clone, Default)]
pub struct KeyBuilder(Sha256);

impl KeyBuilder {
    /// A key of this kind of source, read by this version of the extractor.
    pub fn new(kind: &str, extractor: u32) -> Self {
        let mut builder = Self::default();
        builder.add(kind.as_bytes());
        builder.add(&extractor.to_le_bytes());
        builder
    }

    /// One more part.
    pub fn add(&mut self, part: &[u8]) -> &mut Self {
        self.0.update((part.len() as u64).to_le_bytes());
        self.0.update(part);
        self
    }

    /// Files, by their names below `root` and their contents.
    pub fn files(&mut self, root: &Path, files: &[SqlFile]) -> &mut Self {
        for file in files {
            let name = file.path.strip_prefix(root).unwrap_or(&file.path);
            self.add(name.as_os_str().as_encoded_bytes()).add(file.text.as_bytes());
        }
        self
    }

    /// The server on which the shadow would be, and what a new database there is like.
    ///
    /// # Errors
    /// What the server says.
    pub fn server(&mut self, session: &mut Session) -> Result<&mut Self, PgError> {
        let rows = session.catalog(
            "SELECT version(), (SELECT string_agg(concat_ws(' ', name, default_version), ',' ORDER BY name) \
               FROM pg_available_extensions), \
             (SELECT string_agg(concat_ws('=', name, setting), ',' ORDER BY name) FROM pg_settings \
               WHERE name IN ('default_table_access_method', 'default_toast_compression', 'default_tablespace', \
                 'quote_all_identifiers', 'search_path', 'lc_monetary', 'lc_numeric', 'lc_time', 'xmloption')), \
             current_user, (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)",
        )?;
        for column in 0..5 {
            self.add(rows.get(0, column).unwrap_or_default().as_bytes());
        }
        Ok(self)
    }

    /// The key.
    pub fn build(self) -> Key {
        Key(self.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

/// The folder of entries.
#[derive(Debug, Clone)]
pub struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// The entries below the user's cache folder; nothing is made yet.
    pub fn below(cache_home: &Path) -> Self {
        Self { folder: cache_home.join("pgkeel").join("catalogs") }
    }

    /// What was kept under this key, if it is whole.
    pub fn get(&self, key: &Key) -> Option<Vec<u8>> {
        let bytes = plain::read(&self.path(key)).ok()?;
        let rest = bytes.strip_prefix(MAGIC)?;
        let (sum, content) = rest.split_at_checked(32)?;
        if Sha256::digest(content).as_slice() != sum {
            return None;
        }
        // What was used last goes last; that this cannot be written is no reason to do without.
        if let Ok(file) = fs::File::options().append(true).open(self.path(key)) {
            drop(file.set_modified(SystemTime::now()));
        }
        Some(content.to_vec())
    }

    /// Keep it. An entry is whole or not there, whoever else writes it.
    ///
    /// # Errors
    /// What the file system says: the caller goes on without.
    pub fn put(&self, key: &Key, content: &[u8]) -> io::Result<()> {
        use std::os::unix::fs::DirBuilderExt;
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        // Made with 0600 (tempfile docs, `NamedTempFile`), and renamed into its place.
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        file.write_all(MAGIC)?;
        file.write_all(&Sha256::digest(content))?;
        file.write_all(content)?;
        file.persist(self.path(key)).map_err(|error| error.error)?;
        self.prune();
        Ok(())
    }

    fn path(&self, key: &Key) -> PathBuf {
        self.folder.join(format!("{}.{SUFFIX}", key.0))
    }

    /// Drop what was used longest ago, and what killed runs left. Somebody else may be faster.
    fn prune(&self) {
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        let mut kept: Vec<(SystemTime, PathBuf)> = Vec::new();
        for entry in entries.flatten() {
            let Ok(used) = entry.metadata().and_then(|about| about.modified()) else { continue };
            let path = entry.path();
            let is_ours = path.extension().is_some_and(|extension| extension == SUFFIX);
            let is_old = used.elapsed().is_ok_and(|age| age.as_secs() > 3600);
            match is_ours {
                true => kept.push((used, path)),
                false if is_old => drop(fs::remove_file(path)),
                false => {}
            }
        }
        kept.sort();
        let surplus = kept.len().saturating_sub(MOST);
        for (_, path) in kept.into_iter().take(surplus) {
            drop(fs::remove_file(path));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn key(kind: &str) -> Key {
        KeyBuilder::new(kind, 1).build()
    }

    #[test]
    fn what_was_kept_comes_back_and_what_is_damaged_does_not() {
        let home = tempfile::tempdir().unwrap();
        let cache = Cache::below(home.path());
        let one = key("one");
        assert_eq!(cache.get(&one), None);
        cache.put(&one, b"catalog").unwrap();
        assert_eq!(cache.get(&one).unwrap(), b"catalog");
        assert_eq!(cache.get(&key("other")), None);
        let path = cache.path(&one);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let whole = fs::read(&path).unwrap();
        for cut in 0..whole.len() {
            fs::write(&path, &whole[..cut]).unwrap();
            assert_eq!(cache.get(&one), None, "cut at {cut}");
            let mut flipped = whole.clone();
            flipped[cut] ^= 1;
            fs::write(&path, flipped).unwrap();
            assert_eq!(cache.get(&one), None, "flipped at {cut}");
        }
        cache.put(&one, b"again").unwrap();
        assert_eq!(cache.get(&one).unwrap(), b"again");
    }

    #[test]
    fn only_so_many_are_kept_and_those_used_last() {
        let home = tempfile::tempdir().unwrap();
        let cache = Cache::below(home.path());
        let old = SystemTime::now() - std::time::Duration::from_secs(60);
        for n in 0..MOST + 5 {
            let one = key(&n.to_string());
            cache.put(&one, b"x").unwrap();
            let file = fs::File::options().append(true).open(cache.path(&one)).unwrap();
            file.set_modified(old + std::time::Duration::from_millis(n as u64)).unwrap();
            if n == 0 {
                continue;
            }
            // The first one is looked at again and again.
            assert!(cache.get(&key("0")).is_some(), "{n}");
        }
        let left = fs::read_dir(&cache.folder).unwrap().count();
        assert_eq!(left, MOST);
        assert_eq!(cache.get(&key("1")), None);
    }

    #[test]
    fn parts_do_not_run_into_one_another() {
        let of = |parts: &[&str]| {
            let mut builder = KeyBuilder::new("files", 1);
            for part in parts {
                builder.add(part.as_bytes());
            }
            builder.build()
        };
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
        assert_ne!(of(&["ab"]), of(&["ab", ""]));
        assert_ne!(KeyBuilder::new("a", 1).build(), KeyBuilder::new("a", 2).build());
    }
}
