//! Why a database was not put in the place of another, told with what to do.

use crate::engine::prepared::Prepared;
use crate::engine::swap::SwapError;
use crate::pg::ident::Ident;
use crate::ui::Problem;

use super::{Exit, as_it_was, pg, simple};

pub(super) fn swap(error: &SwapError) -> Problem {
    let unchanged =
        |exit, hint: String| simple(exit, format!("{error}; the live database is as it was"), vec![hint]);
    match error {
        SwapError::InUse { .. } => unchanged(Exit::Failed, "end them, then run it again".into()),
        SwapError::CannotEnd { role, .. } => unchanged(
            Exit::Refused,
            format!(
                "end them, or have a superuser run: GRANT pg_signal_backend TO {}; (no help against a superuser's sessions)",
                Ident::new(role)
            ),
        ),
        SwapError::Prepared { transactions, .. } => simple(
            Exit::Locked,
            format!("{error}; the live database is as it was"),
            transactions.iter().map(Prepared::remedy).collect(),
        ),
        SwapError::Missing { .. } | SwapError::Changed { .. } => unchanged(
            Exit::Failed,
            "see which databases there are: `SELECT datname FROM pg_database;`".into(),
        ),
        SwapError::Taken { database } => unchanged(
            Exit::Failed,
            format!("rename it: ALTER DATABASE {} RENAME TO another_name;", Ident::new(database)),
        ),
        SwapError::Busy { .. } => unchanged(
            Exit::Locked,
            "see what is in the way: `SELECT * FROM pg_stat_activity;` and `SELECT * FROM pg_prepared_xacts;`; then run it \
             again"
                .into(),
        ),
        SwapError::Bouncer { pool: Some(_), .. } => unchanged(
            Exit::Failed,
            "end the client's transaction, or restart the clients of a pool by session, then run it again"
                .into(),
        ),
        SwapError::Bouncer { pool: None, .. } => unchanged(
            Exit::Failed,
            "look whether PgBouncer runs, and whether `admin_users` names the role".into(),
        ),
        SwapError::Unknown { fresh, .. } => simple(
            Exit::Failed,
            error.to_string(),
            vec![format!(
                "when the server answers again: the swap was done if there is no database `{fresh}` any more"
            )],
        ),
        SwapError::Pg(error) => as_it_was(pg(error)),
    }
}
