//! Resolution from real files in a temporary folder and an environment that is a value.

mod files;
mod values;

use std::fs;

use super::*;

/// A project on disk, and what surrounds one run in it.
struct Project {
    folder: tempfile::TempDir,
    environment: Vec<(&'static str, &'static str)>,
    args: GlobalArgs,
}

impl Project {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(".git")).unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self { folder, environment: Vec::new(), args: GlobalArgs::default() }
    }

    fn env(mut self, name: &'static str, value: &'static str) -> Self {
        self.environment.push((name, value));
        self
    }

    fn args(mut self, set: impl FnOnce(&mut GlobalArgs)) -> Self {
        set(&mut self.args);
        self
    }

    fn load(&self) -> Result<Config, ConfigError> {
        let environment = self.environment.iter().copied().collect();
        let config = Config::load(&self.args, &environment, self.folder.path());
        let shown = format!(
            "{:?} {:?}",
            config.as_ref().map(|c| (c.entries(), c)),
            config.as_ref().map_err(ToString::to_string)
        );
        assert!(!shown.contains("hunter2"), "a password is shown: {shown}");
        config
    }
}

/// Load; the expectation is `value | origin` of one entry, or the error.
#[track_caller]
fn check(project: Project, key: &str, expected: &str) {
    let found = match project.load() {
        Ok(config) => {
            let entry = config.entries().into_iter().find(|entry| entry.key == key).expect("such a key");
            format!("{} | {}", entry.value.unwrap_or_default(), entry.origin)
        }
        Err(error) => format!("error: {error}"),
    };
    assert!(found == expected || expected.starts_with("error: ") && found.starts_with(expected), "{found}");
}
