//! Explains a migration that failed because row-level security policies would have hidden rows from it.

use crate::engine::row_security::{Standing, explain};
use crate::pg::error::{PgError, PgFailure};

use super::runner::{At, Runner, Stopped};

impl Runner<'_> {
    /// Add the tables whose policies are the reason, where they are.
    pub(super) fn with_policies(&mut self, stopped: Stopped) -> Stopped {
        let Stopped::Migration(mut error) = stopped else { return stopped };
        if let PgError::Server(server) = &error.cause
            && server.failure() == PgFailure::NoPrivilege
        {
            let role = self.settings.role.as_ref();
            let before = role.map(|role| format!("SET LOCAL ROLE {role}; ")).unwrap_or_default();
            let statements = error.step.body.statements().into_iter().flatten().map_while(Result::ok);
            let standing = Standing::of(before, statements, |one| match &error.at {
                At::Script(spot) => (one.line, one.column) <= (spot.line, spot.column),
                At::Before | At::Commit | At::Record(_) => true,
            });
            // If the explanation fails, the server's error alone is shown.
            error.filtered = explain(self.session, server, &standing).ok().flatten().map(Box::new);
        }
        Stopped::Migration(error)
    }
}
