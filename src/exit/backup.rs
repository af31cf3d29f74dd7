//! What a backup's errors come to.

use std::io;

use crate::engine::backup::SnapshotError;
use crate::engine::backup::check::CheckError;
use crate::engine::backup::crypt::CryptError;
use crate::engine::backup::folder::FolderError;
use crate::engine::backup::preflight::PreflightError;
use crate::engine::backup::take::TakeError;
use crate::pg::tools::ToolError;
use crate::pg::tools::client::ClientError;
use crate::ui::Problem;

use super::{Exit, hints, open, pg, simple, with_sources};

const AS_BEFORE: &str = "no backup was made, and earlier ones are as they were";

/// Taking one.
pub(super) fn take(error: &TakeError) -> Problem {
    let problem = match error {
        TakeError::Preflight(error) => return preflight(error),
        TakeError::Open(error) => open(error),
        TakeError::Pg(error) => pg(error),
        TakeError::Snapshot(error) => snapshot(error),
        TakeError::Folder(error) => folder(error),
        TakeError::Client(error) => client(error),
        TakeError::Full { .. } => simple(Exit::Failed, error.to_string(), vec![MAKE_ROOM.into()]),
        TakeError::Crypt(error) => crypt(error),
        TakeError::Check(error) => check(error),
        TakeError::Unverified { .. } => simple(
            Exit::Unverified,
            error.to_string(),
            vec!["look at the disk and the memory of this machine, then take another one".into()],
        ),
        TakeError::Io { .. } => simple(Exit::Failed, with_sources(error), vec![]),
    };
    let problem = if is_full(error) {
        Problem {
            message: format!("the file system is full: {}", problem.message),
            hints: vec![MAKE_ROOM.into()],
            ..problem
        }
    } else {
        problem
    };
    match problem.code {
        code if code == Exit::Failed as u8 || code == Exit::Unverified as u8 => {
            Problem { message: format!("{}; {AS_BEFORE}", problem.message), ..problem }
        }
        _ => problem,
    }
}

const MAKE_ROOM: &str = "make room there (`pgkeel backup prune`), or write elsewhere: `--dir DIR`";

/// Whether a file system had no room.
fn is_full(error: &(dyn std::error::Error + 'static)) -> bool {
    let full =
        |error: &io::Error| matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
    std::iter::successors(Some(error), |error| error.source())
        .any(|error| error.downcast_ref::<io::Error>().is_some_and(full))
}

/// Looking whether one can be taken.
pub(super) fn preflight(error: &PreflightError) -> Problem {
    let refused = |hint: String| simple(Exit::Refused, error.to_string(), vec![hint]);
    match error {
        PreflightError::Pg(error) => pg(error),
        PreflightError::Pooler { .. } => simple(Exit::Usage, error.to_string(), vec![hints::POOLER.into()]),
        PreflightError::Tool(error) => tool(error),
        PreflightError::Client(error) => client(error),
        PreflightError::Codec(_) => simple(
            Exit::Usage,
            error.to_string(),
            vec!["`--compression auto` takes the best that pg_dump has".into()],
        ),
        PreflightError::NoCodec { .. } => simple(
            Exit::ToolMissing,
            error.to_string(),
            vec!["`--compression auto` takes the best that it has".into()],
        ),
        // Its owner is not exempt.
        PreflightError::RowSecurity { role, tables, forced } if tables == forced => refused(format!(
            "`{role}` owns them, but FORCE ROW LEVEL SECURITY applies policies to the owner too: take it as a superuser, or \
             run as one: ALTER ROLE {} BYPASSRLS;",
            crate::pg::ident::Ident::new(role)
        )),
        PreflightError::RowSecurity { role, .. } => refused(format!(
            "take it as the owner of the tables, or as a role with BYPASSRLS: ALTER ROLE {} BYPASSRLS;",
            crate::pg::ident::Ident::new(role)
        )),
        PreflightError::NoSelect { grants, .. } => {
            refused(format!("take it as the owner, or ask for: {}", grants.join(" ")))
        }
        PreflightError::NoLargeObjects { .. } => {
            refused("take it as their owner, or ask for: GRANT SELECT ON LARGE OBJECT …".into())
        }
        PreflightError::Space { .. } => simple(
            Exit::Failed,
            error.to_string(),
            vec!["make room (`pgkeel backup prune`), or write elsewhere: `--dir DIR`".into()],
        ),
        PreflightError::Locks { setting, .. } => simple(
            Exit::Failed,
            error.to_string(),
            vec![format!("ALTER SYSTEM SET max_locks_per_transaction = {setting}; and restart the server")],
        ),
    }
}

fn snapshot(error: &SnapshotError) -> Problem {
    match error {
        SnapshotError::Pg(error) => pg(error),
        SnapshotError::Moving { .. } => {
            simple(Exit::Failed, error.to_string(), vec!["try again once that work is through".into()])
        }
        SnapshotError::Locked { .. } => {
            simple(Exit::Failed, error.to_string(), vec!["wait for it, then try again".into()])
        }
    }
}

/// The folder of backups.
pub(super) fn folder(error: &FolderError) -> Problem {
    match error {
        FolderError::Io { .. } => simple(
            Exit::Failed,
            with_sources(error),
            vec![
                "`[backup] dir` in pgkeel.toml names a folder that can be written; where the provider's point-in-time \
                 recovery is the way back of a deploy: `[deploy] backup = \"external\"`"
                    .into(),
            ],
        ),
        FolderError::NotAFolder { .. } => simple(
            Exit::Refused,
            error.to_string(),
            vec!["make it a folder of yours that nobody else can write to, or write elsewhere: `--dir DIR`".into()],
        ),
        FolderError::Busy { .. } => simple(
            Exit::Locked,
            error.to_string(),
            vec!["wait for it, or give databases of one name on several servers folders of their own: `--dir DIR`".into()],
        ),
        FolderError::Interrupted => simple(Exit::Interrupted, "interrupted", vec![]),
    }
}

/// A client program.
pub(super) fn client(error: &ClientError) -> Problem {
    match error {
        ClientError::Interrupted { .. } => simple(Exit::Interrupted, "interrupted", vec![]),
        ClientError::Start { .. } => simple(Exit::ToolMissing, with_sources(error), vec![]),
        ClientError::Failed { .. } => simple(Exit::Failed, error.to_string(), vec![]),
    }
}

/// Keys.
pub(super) fn crypt(error: &CryptError) -> Problem {
    let usage = |hint: &str| simple(Exit::Usage, error.to_string(), vec![hint.into()]);
    match error {
        CryptError::BadRecipient { .. } | CryptError::NoRecipient => {
            usage("`age-keygen -y KEYS` prints the public key of each secret one")
        }
        CryptError::Identity { .. } => usage(
            "`--identity FILE`, or `[backup] identity` in pgkeel.toml, names the file with the secret keys",
        ),
        CryptError::NoMatch { .. } => usage("`pgkeel backup show` says to whom it is encrypted"),
        CryptError::Damaged(_) => simple(Exit::Unverified, error.to_string(), vec![]),
        CryptError::Io(_) => simple(Exit::Failed, with_sources(error), vec![]),
    }
}

/// Reading one back.
pub(super) fn check(error: &CheckError) -> Problem {
    match error {
        CheckError::Io { .. } => simple(Exit::Failed, with_sources(error), vec![]),
        CheckError::Crypt(error) => crypt(error),
        CheckError::Interrupted => simple(Exit::Interrupted, "interrupted", vec![]),
    }
}

/// A program that is not here.
fn tool(error: &ToolError) -> Problem {
    simple(Exit::ToolMissing, error.to_string(), error.hint().into_iter().collect())
}
