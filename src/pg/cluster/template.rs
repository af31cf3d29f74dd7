//! initdb takes seconds and copying takes a fraction: one initialised data directory is kept per server build.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};

use super::folder::{self, FolderLock};
use super::{ClusterError, ClusterEvent, Owner, SUPERUSER};
use crate::pg::tools::{self, Program};

/// The first that initdb accepts: upper() and sorting by code point everywhere, where the system has it.
const LOCALES: [&str; 2] = ["C.UTF-8", "C"];

/// Everything but the locale and the folder. The server gets its own pg_hba.conf: one that is started by hand
/// from this data lets nobody in by password.
const OPTIONS: [&str; 6] = [
    "--wal-segsize=1",
    "--no-sync",
    "--encoding=UTF8",
    "--auth-local=peer",
    "--auth-host=reject",
    "--no-instructions",
];

/// The data directory to copy, made on first use.
pub(super) fn ensure(
    base: &Path,
    server: &Program,
    owner: &Owner,
    watch: &mut dyn FnMut(ClusterEvent),
) -> Result<PathBuf, ClusterError> {
    let templates = base.join("templates");
    folder::passage(&templates, owner)?;
    let key = key(server, owner);
    let ready = templates.join(&key);
    if ready.exists() {
        return Ok(ready);
    }
    let _held = FolderLock::take(&templates.join(format!("{key}.lock")))?;
    if ready.exists() {
        return Ok(ready);
    }
    watch(ClusterEvent::Initialising { version: server.version.clone() });
    let building = templates.join(format!("{key}.building"));
    let initdb = tools::sibling(&server.path, "initdb").unwrap_or_else(|| server.dir().join("initdb"));
    let mut outcome = Ok(());
    for locale in LOCALES {
        fresh(&building, owner)?;
        let mut command = tools::command(&initdb);
        command
            .arg("-D")
            .arg(&building)
            .args(["-U", SUPERUSER])
            .arg(format!("--locale={locale}"))
            .args(OPTIONS);
        outcome = finish(owner.becomes(&mut command), "initdb");
        if outcome.is_ok() {
            break;
        }
    }
    outcome?;
    fs::rename(&building, &ready).map_err(ClusterError::io("put in place", &ready))?;
    Ok(ready)
}

/// Copies the template to `data`, which appears complete or not at all.
pub(super) fn copy(template: &Path, data: &Path, owner: &Owner) -> Result<(), ClusterError> {
    let building = data.with_extension("building");
    fresh(&building, owner)?;
    // As the server's user: root would follow a link in a folder that is not its own. APFS clones on request,
    // GNU cp by itself.
    let mut command = tools::command(Path::new("cp"));
    command
        .arg(if cfg!(target_os = "macos") { "-cpR" } else { "-pR" })
        .arg(template.join("."))
        .arg(&building);
    finish(owner.becomes(&mut command), "cp")?;
    fs::rename(&building, data).map_err(ClusterError::io("put in place", data))
}

/// What makes two templates different.
fn key(server: &Program, owner: &Owner) -> String {
    let ingredients = format!("{}|{LOCALES:?}|{OPTIONS:?}|{}|{SUPERUSER}", server.version.text, owner.uid);
    format!("{}-{}", server.version, short_hash(&ingredients))
}

/// Eight hexadecimal digits.
pub(super) fn short_hash(text: &str) -> String {
    Sha256::digest(text)[..4].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An empty folder of the server's user.
fn fresh(dir: &Path, owner: &Owner) -> Result<(), ClusterError> {
    folder::remove(dir)?;
    DirBuilder::new().mode(0o700).create(dir).map_err(ClusterError::io("create", dir))?;
    owner.gets(dir)
}

fn finish(command: &mut Command, program: &str) -> Result<(), ClusterError> {
    let output = command.output().map_err(ClusterError::io("run", Path::new(program)))?;
    if output.status.success() {
        return Ok(());
    }
    let output = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(ClusterError::Program { program: program.to_owned(), output })
}
