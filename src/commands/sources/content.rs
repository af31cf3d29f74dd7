//! What a shadow database is filled with.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::commands::backups::{catalogue, configured, identity, root, search, shown};
use crate::commands::open::settings;
use crate::context::Context;
use crate::engine::Observer;
use crate::engine::backup::record::hold;
use crate::engine::migrations::Folder;
use crate::engine::restore;
use crate::engine::shadow::cache::KeyBuilder;
use crate::engine::shadow::files::{self, SqlFile};
use crate::engine::shadow::{LeftOut, Restored, Shadow};
use crate::engine::source::Source;
use crate::pg::session::Session;

use super::Live;

/// What goes in, as it was read from the disk: what is hashed is what is loaded.
pub(super) enum Content {
    Empty,
    Files { root: PathBuf, files: Vec<SqlFile> },
    Migrations { folder: Folder, role: Option<String> },
    Backup(Box<restore::Source>),
}

impl Content {
    /// Read it, and say what it is called.
    pub(super) fn read(source: &Source, cx: &Context, beside: Option<&Live>) -> Result<(Self, String)> {
        Ok(match source {
            Source::Migrations => Self::migrations(&cx.config.migrations.value, cx)?,
            Source::Folder(path) => Self::migrations(path, cx)?,
            Source::Files(path) => {
                let files = files::read(path)?;
                (Self::Files { root: path.clone(), files }, shown(cx, path))
            }
            Source::Backup(id) => {
                let all = catalogue(&root(cx, None))?;
                let database = match beside.and_then(|live| live.place.direct.database()) {
                    Some(name) => Some(name.to_owned()),
                    None => configured(cx),
                };
                let kept = all.find(id, database.as_deref().map(|name| (name, None)))?;
                let in_use = hold(&kept.dir)?;
                let manifest = Box::new(kept.manifest.clone());
                let label = format!("backup {}", kept.manifest.id);
                (
                    Self::Backup(Box::new(restore::Source::Backup {
                        dir: kept.dir.clone(),
                        manifest,
                        in_use,
                    })),
                    label,
                )
            }
            // A live database is nothing to be filled in.
            Source::Empty | Source::Url(_) | Source::Env(_) => (Self::Empty, "empty".to_owned()),
        })
    }

    fn migrations(path: &Path, cx: &Context) -> Result<(Self, String)> {
        let folder = Folder::read(path)?;
        let label = format!("{} ({})", shown(cx, path), folder.migrations.len());
        Ok((Self::of(folder, cx), label))
    }

    /// These migrations.
    pub(super) fn of(folder: Folder, cx: &Context) -> Self {
        let role = cx.config.deploy.role.as_ref().map(|role| role.value.clone());
        Self::Migrations { folder, role }
    }

    /// The word that begins its key.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Files { .. } => "files",
            Self::Migrations { .. } => "migrations",
            Self::Backup(_) => "backup",
        }
    }

    /// All of it, into a key.
    pub(super) fn add_to(&self, key: &mut KeyBuilder, session: &Session) -> Result<()> {
        key.add(session.url().schema().unwrap_or_default().as_bytes());
        match self {
            Self::Empty => {}
            Self::Files { root, files } => drop(key.files(root, files).clone()),
            Self::Migrations { folder, role } => {
                key.add(role.as_deref().unwrap_or_default().as_bytes());
                for migration in &folder.migrations {
                    key.add(migration.name.as_bytes()).add(migration.up.checksum.as_bytes());
                    key.add(&[u8::from(migration.transactional)]);
                }
            }
            Self::Backup(source) => {
                key.add(source.name().as_bytes());
                for file in source.manifest().iter().flat_map(|manifest| &manifest.files) {
                    key.add(file.path.as_bytes()).add(file.sha256.as_bytes());
                }
            }
        }
        Ok(())
    }

    /// Put it into a shadow database.
    pub(super) fn fill(
        &self,
        shadow: &Shadow,
        cx: &Context,
        observer: &mut dyn Observer,
    ) -> Result<Vec<LeftOut>> {
        Ok(match self {
            Self::Empty => Vec::new(),
            Self::Files { files, .. } => shadow.load(files)?,
            Self::Migrations { folder, .. } => {
                shadow.replay(folder, &settings(&cx.config, None), observer)?
            }
            Self::Backup(source) => {
                let identity = identity(cx, None);
                let what = Restored { source, search: &search(cx), identity: identity.as_deref() };
                shadow.restore(&what)?
            }
        })
    }
}
