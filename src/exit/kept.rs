//! Errors of backups: finding, changing and judging them.

use super::{Exit, simple};
use crate::engine::backup::catalogue::FindError;
use crate::engine::backup::record::RecordError;
use crate::engine::backup::retention::Refusal;
use crate::ui::Problem;

/// Of backups that exist.
pub(super) fn kept(cause: &(dyn std::error::Error + 'static)) -> Option<Problem> {
    if let Some(error) = cause.downcast_ref::<FindError>() {
        let hint = match error {
            FindError::Empty { .. } => "`pgkeel backup` takes one; `--dir` looks elsewhere",
            FindError::Unsound { .. } => {
                "`pgkeel backup show ID` shows why; a command that is given the ID uses it nevertheless"
            }
            FindError::Several { .. } => "give enough of the id to name one",
            FindError::None { .. } | FindError::NotAName(_) => "`pgkeel backup list --all` shows them all",
        };
        return Some(simple(Exit::Usage, error.to_string(), vec![hint.into()]));
    }
    if let Some(error) = cause.downcast_ref::<Refusal>() {
        return Some(match error {
            Refusal::NoRule => simple(
                Exit::Usage,
                error.to_string(),
                vec!["give one, such as `--keep-last 10`, or write `[backup.keep]` into pgkeel.toml".into()],
            ),
            Refusal::ClockSkew { .. } => simple(
                Exit::Refused,
                error.to_string(),
                vec!["set this machine's clock; if the backup's time is the wrong one, remove that folder by hand".into()],
            ),
        });
    }
    let error = cause.downcast_ref::<RecordError>()?;
    let hints = match error {
        RecordError::InUse { .. } => vec!["try again when it has ended".into()],
        RecordError::Manifest { .. } | RecordError::Io { .. } => vec![],
    };
    Some(simple(Exit::Failed, error.to_string(), hints))
}
