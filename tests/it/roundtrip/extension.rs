//! A test extension: its two files are written where the server looks for extensions, if that can be written.

use std::fs;
use std::path::PathBuf;

use super::case::folder;

/// The files are removed with this value.
#[derive(Debug)]
pub(super) struct Written {
    files: Vec<PathBuf>,
}

impl Written {
    /// Write it below this folder, the server's SHAREDIR, under this name; `None` if that may not be written.
    pub(super) fn write(sharedir: &str, name: &str) -> Option<Self> {
        let target = PathBuf::from(sharedir).join("extension");
        let source = folder().join("extension");
        let mut written = Self { files: vec![] };
        for (from, to) in [("control", format!("{name}.control")), ("script.sql", format!("{name}--1.0.sql"))]
        {
            let path = target.join(to);
            fs::write(&path, fs::read(source.join(from)).unwrap()).ok()?;
            written.files.push(path);
        }
        Some(written)
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        for file in &self.files {
            drop(fs::remove_file(file));
        }
    }
}
