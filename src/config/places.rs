//! Where the project is: the folder that pgkeel.toml, diesel.toml or migrations/ mark as its root. The search goes up to
//! the repository's root and never beyond: a pgkeel.toml that someone left in /tmp may name commands to run.

use std::path::{Path, PathBuf};

use super::error::ConfigError;
use super::flags::GlobalArgs;

/// The places that configuration is read from.
#[derive(Debug)]
pub(super) struct Places {
    /// The project's root: relative paths of its files start there.
    pub(super) root: PathBuf,
    /// Where we were started, or what `-C` names.
    pub(super) start: PathBuf,
    pub(super) project_toml: Option<PathBuf>,
    pub(super) diesel_toml: Option<PathBuf>,
    /// The root and the folders above it, up to the repository's root; nearest first.
    pub(super) dotenv_folders: Vec<PathBuf>,
}

impl Places {
    /// Find them, from the working directory or `-C`.
    pub(super) fn find(args: &GlobalArgs, working_directory: &Path) -> Result<Self, ConfigError> {
        let start = match &args.directory {
            Some(directory) => working_directory.join(directory),
            None => working_directory.to_owned(),
        };
        let start =
            start.canonicalize().map_err(|cause| ConfigError::Directory { path: start.clone(), cause })?;
        if !start.is_dir() {
            let cause = std::io::ErrorKind::NotADirectory.into();
            return Err(ConfigError::Directory { path: start, cause });
        }
        let folders = up_to_repository_root(&start);
        let nearest = |name: &str| folders.iter().map(|folder| folder.join(name)).find(|path| path.exists());

        let project_toml = match &args.config {
            Some(file) => {
                let path = start.join(file);
                // A pipe will do: `--config <(…)`.
                if !path.exists() || path.is_dir() {
                    return Err(ConfigError::NoConfigFile { path: file.clone() });
                }
                Some(path)
            }
            None => nearest("pgkeel.toml"),
        };
        // A pipe's folder is nobody's project.
        let marker = match &project_toml {
            Some(path) => Some(path.clone()).filter(|path| path.is_file()),
            None => nearest("diesel.toml").or_else(|| nearest("migrations").filter(|path| path.is_dir())),
        };
        let root = match marker.as_deref().and_then(Path::parent) {
            Some(folder) => folder.canonicalize().unwrap_or_else(|_| folder.to_owned()),
            None => start.clone(),
        };
        let diesel_toml = Some(root.join("diesel.toml")).filter(|path| path.is_file());
        Ok(Self { project_toml, diesel_toml, dotenv_folders: up_to_repository_root(&root), root, start })
    }
}

/// The folder and those above it, up to the one that holds `.git`; the folder alone if none does.
fn up_to_repository_root(folder: &Path) -> Vec<PathBuf> {
    let folders: Vec<PathBuf> = folder.ancestors().map(Path::to_owned).collect();
    let end = folders.iter().position(|folder| folder.join(".git").exists()).unwrap_or(0);
    folders.into_iter().take(end + 1).collect()
}
